import { INFLATER_BYTES } from '../../codecs/inflate.ts';
import type { PngHeader } from './header.ts';

/**
 * What decoding takes besides the reduced picture: two streams of zlib (a colour profile, the picture),
 * two rows, one row of RGB.
 */
export function pngMemory({ width, channels, bitDepth }: PngHeader): number {
  const rowBytes = 1 + Math.ceil((width * channels * bitDepth) / 8);
  return INFLATER_BYTES * 2 + rowBytes * 2 + width * 3;
}
