/**
 * PNG header (W3C PNG, third edition, section 11.2.1).
 * @module
 */

import { HebbError } from '@hebb/model/errors';
import type { Orientation } from '@hebb/model/preprocess/orient';
import { type Bytes, broken } from '../bytes.ts';
import { INFLATER_BYTES } from '../codecs/inflate.ts';
import { exifBlock, exifOrientation } from '../exif.ts';
import type { HeaderBase } from '../header.ts';

export type PngColour = 'grey' | 'rgb' | 'palette' | 'grey-alpha' | 'rgba';

export interface PngHeader extends HeaderBase {
  readonly format: 'png';
  readonly colour: PngColour;
  /** Samples per pixel, in the file: 1 to 4. */
  readonly channels: number;
  /** Bits per sample: 1, 2, 4, 8 or 16. */
  readonly bitDepth: number;
  readonly interlaced: boolean;
}

/** Per colour type: its name, channels, and the bit depths that it allows (table 12). */
const COLOURS: Record<number, readonly [PngColour, number, readonly number[]]> = {
  0: ['grey', 1, [1, 2, 4, 8, 16]],
  2: ['rgb', 3, [8, 16]],
  3: ['palette', 1, [1, 2, 4, 8]],
  4: ['grey-alpha', 2, [8, 16]],
  6: ['rgba', 4, [8, 16]],
};

export const isPng = (file: Bytes): boolean => file.startsWith('\x89PNG\r\n\x1a\n');

export function pngHeader(file: Bytes): PngHeader {
  if (file.startsWith('CgBI', 12)) {
    throw new HebbError('unsupported_format', "This PNG is in Apple's form for apps (CgBI).", {
      hint: 'Use the original file from before Xcode converted it, or run `pngcrush -revert-iphone-optimizations`.',
    });
  }
  if (file.ascii(12, 4) !== 'IHDR' || file.u32(8) !== 13) throw broken('it has no IHDR chunk');
  const width = file.u32(16);
  const height = file.u32(20);
  const bitDepth = file.u8(24);
  const [colour, channels, depths] = COLOURS[file.u8(25)] ?? [];
  if (!colour || !channels || !depths?.includes(bitDepth)) {
    throw broken(`colour type ${file.u8(25)} with ${bitDepth} bits is not allowed`);
  }
  if (width === 0 || height === 0) throw broken(`its size is ${width}×${height}`);
  if (width > 2 ** 31 - 1 || height > 2 ** 31 - 1) throw broken('its size is out of range');
  if (file.u8(26) !== 0 || file.u8(27) !== 0 || file.u8(28) > 1) {
    throw broken('it names an unknown compression, filter or interlace method');
  }
  const interlaced = file.u8(28) === 1;
  const orientation = findOrientation(file);
  return { format: 'png', width, height, colour, channels, bitDepth, interlaced, orientation };
}

/** From the eXIf chunk, wherever it is. */
function findOrientation(file: Bytes): Orientation {
  for (let at = 8; at + 12 <= file.length; at += file.u32(at) + 12) {
    if (file.ascii(at + 4, 4) !== 'eXIf') continue;
    return exifOrientation(exifBlock(file.data.subarray(at + 8, at + 8 + file.u32(at))));
  }
  return 1;
}

/**
 * Bytes that decoding takes besides the reduced picture: two zlib streams (the colour profile and the
 * picture), two rows of samples, one row of RGB.
 */
export function pngMemory({ width, channels, bitDepth }: PngHeader): number {
  const rowBytes = 1 + Math.ceil((width * channels * bitDepth) / 8);
  return INFLATER_BYTES * 2 + rowBytes * 2 + width * 3;
}
