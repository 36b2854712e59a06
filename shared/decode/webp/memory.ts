import { CODEC_BASE_BYTES, type DecodeMemory } from '../memory.ts';
import type { WebpHeader } from './header.ts';

/**
 * What decoding takes: the picture as RGBA (4 bytes a pixel), the plane of alpha, VP8L's ARGB, the
 * frame's file on both sides, two rows of the canvas.
 */
export function webpMemory({ width, frame }: WebpHeader): DecodeMemory {
  const perPixel = frame.lossless ? 8.2 : frame.alpha ? 7.1 : 4.1;
  const file = frame.end - frame.begin;
  return {
    codecBytes: CODEC_BASE_BYTES + file + Math.ceil(frame.width * frame.height * perPixel),
    bufferBytes: file + width * 6,
  };
}
