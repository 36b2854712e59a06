/**
 * The memory that decoding a file will take, told from its header. Figures are measured with the
 * codecs' own WebAssembly memory; the tests hold them against it.
 * @module
 */
import { HebbError } from '../model/index.ts';
import { avifMemory } from './avif/memory.ts';
import type { ImageHeader } from './header.ts';
import { jpegMemory } from './jpeg/memory.ts';
import { type DecodeMemory, totalBytes } from './memory.ts';
import { pngMemory } from './png/memory.ts';
import { reducedSize, type Target } from './reduce.ts';
import { reductionFor } from './reduction.ts';
import { webpMemory } from './webp/memory.ts';

/**
 * More pixels than any camera has (the largest phones take 200 megapixels), in any format: what is
 * reduced as it streams needs little memory, but every pixel needs time. The same bound as sharp's.
 */
const MAX_PIXELS = 0x3fff * 0x3fff;

/** What decoding the file will take at its peak. */
export function decodeMemory(header: ImageHeader, fileBytes: number, target: Target): DecodeMemory {
  const reduction = reductionFor(header, target);
  const output = reducedSize(header.width, header.height, reduction);
  const outputPixels = output.width * output.height;
  const turning = header.orientation === 1 ? 0 : outputPixels * 3;
  const reducing = outputPixels * (reduction === 1 ? 3 : 9); // sums and result
  const plus = ({ codecBytes, bufferBytes }: DecodeMemory, more: number): DecodeMemory => ({
    codecBytes,
    bufferBytes: bufferBytes + turning + more,
  });
  switch (header.format) {
    case 'jpeg':
      return plus(jpegMemory(header, fileBytes, reduction), 0);
    case 'png':
      return plus(pngMemory(header), reducing);
    case 'gif':
      return plus({ codecBytes: 0, bufferBytes: header.width * 3 }, reducing);
    case 'webp':
      return plus(webpMemory(header, fileBytes, outputPixels), 0);
    case 'avif':
      return plus(avifMemory(header, fileBytes), reducing);
  }
}

/** The same; throws `image_too_large` for a file that would take more than `budgetBytes`. */
export function checkBudget(
  header: ImageHeader,
  fileBytes: number,
  target: Target,
  budgetBytes: number,
): DecodeMemory {
  const size = `${header.width}×${header.height}`;
  if (header.width * header.height > MAX_PIXELS) {
    const limit = Math.floor(MAX_PIXELS / 1e6);
    const message = `The image has ${size} pixels, and at most ${limit} megapixels are decoded.`;
    throw new HebbError('image_too_large', message, { hint: 'Scale the image down.' });
  }
  const memory = decodeMemory(header, fileBytes, target);
  const needed = totalBytes(memory);
  if (needed <= budgetBytes) return memory;
  const message =
    `Decoding this ${header.format.toUpperCase()} of ${size} pixels takes ${megabytes(needed)}, ` +
    `and ${megabytes(budgetBytes)} may be used.`;
  throw new HebbError('image_too_large', message);
}

/** `12.3 MB`, of 10⁶ bytes. */
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
