import { CODEC_BASE_BYTES, type DecodeMemory } from '../memory.ts';
import type { AvifHeader } from './header.ts';

/** Emscripten's initial memory of this codec. */
const INITIAL_BYTES = 16_777_216;

/**
 * What decoding takes: RGBA in the codec and its copy outside (4 bytes a pixel each), and the
 * frames that libaom keeps, several of each plane.
 */
export function avifMemory(header: AvifHeader, fileBytes: number): DecodeMemory {
  const { width, height, bitDepth, hasAlpha, samplesPerPixel } = header;
  const pixels = width * height;
  const frames = 8 * samplesPerPixel + (hasAlpha ? 16 : 0);
  const perPixel = 4 + frames * (bitDepth > 8 ? 1.5 : 1);
  return {
    codecBytes: INITIAL_BYTES + CODEC_BASE_BYTES + fileBytes + pixels * perPixel,
    bufferBytes: pixels * 4,
  };
}
