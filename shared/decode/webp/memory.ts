import type { WebpHeader } from './header.ts';

/** Tables and stack of the codec's module, bytes; measured, as the rest here. */
const MODULE_BYTES = 110_000;

/** Tables of VP8L's Huffman codes, bytes: as many as the file wants; photographs want less than this. */
const HUFFMAN_BYTES = 700_000;

/**
 * What decoding takes besides the reduced picture. Lossy: libwebp's rows, and with alpha its plane, as
 * it is coded and as it is. Lossless: ARGB of the whole picture.
 */
export function webpMemory({ width, height, frame }: WebpHeader): number {
  const pixels = frame.width * frame.height;
  const planes = frame.lossless ? pixels * 4 : frame.alpha ? pixels * 2.15 : 0;
  const rows = Math.max(width, frame.width) * (frame.lossless ? 90 : 150);
  const tables = frame.lossless || frame.alpha ? HUFFMAN_BYTES : 0;
  const file = frame.end - frame.begin;
  return MODULE_BYTES + file + planes + rows + tables + height;
}
