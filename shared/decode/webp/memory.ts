import type { WebpHeader } from './header.ts';

/** Tables and stack of the codec's module, bytes; measured, as the rest here. */
const MODULE_BYTES = 110_000;

/** Tables of VP8L's Huffman codes, bytes: as many as the file wants; photographs want less than this. */
const HUFFMAN_BYTES = 700_000;

/** A lossless picture is decoded in a window of so many bytes, the largest that its codes reach back. */
const WINDOW_BYTES = 6_350_000;

/**
 * What decoding takes besides the reduced picture: libwebp's rows; of a lossy picture with alpha that
 * plane, as it is coded and as it is; of a lossless one the window, in ARGB.
 */
export function webpMemory({ width, height, frame }: WebpHeader): number {
  const pixels = frame.width * frame.height;
  const lossless = Math.min(pixels * 4, WINDOW_BYTES) + HUFFMAN_BYTES;
  const lossy = frame.alpha ? pixels * 2.15 + HUFFMAN_BYTES : 0;
  const rows = Math.max(width, frame.width) * 150;
  const file = frame.end - frame.begin;
  return MODULE_BYTES + file + (frame.lossless ? lossless : lossy) + rows + height;
}
