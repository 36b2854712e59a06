import { CODEC_BASE_BYTES, type DecodeMemory } from '../memory.ts';
import type { WebpHeader } from './header.ts';

/** VP8L copies from the last 2²⁰ pixels; they lie in a window with room for half as many new ones. */
const WINDOW_PIXELS = 1.5 * 2 ** 20;

/** What decoding takes (shared/codecs/webp.c); the result lies on both sides. */
export function webpMemory(
  { width, frame }: WebpHeader,
  fileBytes: number,
  outputPixels: number,
): DecodeMemory {
  const file = Math.min(fileBytes, frame.end - frame.begin);
  const rows = width * 15; // of the canvas: two, one that is white, sums
  const codec = frame.lossless ? lossless(frame) : lossy(frame);
  return {
    codecBytes: CODEC_BASE_BYTES + file + rows + Math.ceil(codec) + outputPixels * 3,
    bufferBytes: outputPixels * 3,
  };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The window as ARGB, 17 rows that are transformed, and what steers it: transforms, Huffman tables. */
function lossless({ width, height }: Size): number {
  const pixels = width * height;
  return Math.min(pixels, WINDOW_PIXELS) * 4 + width * 68 + pixels * 0.5;
}

/** Rows of macroblocks; the plane of alpha, which is coded as VP8L, with one byte a pixel at best. */
function lossy({ width, height, alpha }: WebpHeader['frame']): number {
  const rows = width * 144;
  if (!alpha) return rows;
  const pixels = width * height;
  return rows + pixels + Math.max(pixels, lossless({ width, height }));
}
