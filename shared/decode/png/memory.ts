import type { DecodeMemory } from '../memory.ts';
import type { PngHeader } from './header.ts';

/**
 * What decoding takes besides the reduced picture: all samples of the file, since workerd's
 * DecompressionStream inflates what it is given whether or not its output is read, and three rows.
 */
export function pngMemory({ width, height, channels, bitDepth }: PngHeader): DecodeMemory {
  const rowBytes = 1 + Math.ceil((width * channels * bitDepth) / 8);
  return { codecBytes: 0, bufferBytes: rowBytes * (height + 2) + width * 3 };
}
