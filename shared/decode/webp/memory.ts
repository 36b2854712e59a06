import type { WebpFrame, WebpHeader } from './header.ts';

/** Tables and stack of the codec's module, bytes; measured, as the rest here. */
const MODULE_BYTES = 110_000;

/** VP8L copies from the last 2²⁰ pixels; they lie in a window with room for half as many new ones. */
const WINDOW_PIXELS = 1.5 * 2 ** 20;

/** What decoding takes besides the reduced picture (shared/codecs/webp.c). */
export function webpMemory({ width, height, frame }: WebpHeader): number {
  const file = frame.end - frame.begin;
  const canvas = width * 15 + height; // rows: two, one that is white, sums
  return MODULE_BYTES + file + canvas + (frame.lossless ? lossless(frame) : lossy(frame));
}

/** The window as ARGB, 17 rows that are transformed, and what steers it: transforms, Huffman tables. */
function lossless({ width, height }: Pick<WebpFrame, 'width' | 'height'>): number {
  const pixels = width * height;
  return Math.min(pixels, WINDOW_PIXELS) * 4 + width * 68 + pixels * 0.5 + 300_000;
}

/** Rows of macroblocks; the plane of alpha, which is coded as VP8L, with one byte a pixel at best. */
function lossy({ width, height, alpha }: WebpFrame): number {
  const rows = width * 144;
  if (!alpha) return rows;
  const pixels = width * height;
  return rows + pixels + Math.max(pixels, lossless({ width, height }));
}
