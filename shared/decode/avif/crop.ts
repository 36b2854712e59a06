/**
 * 'clap', the part of a picture that is shown (ISO/IEC 14496-12, 12.1.4), as libavif reads it in
 * avifCropRectFromCleanApertureBox: what is not of whole pixels, or not inside, is an error.
 * @module
 */
import { type Bytes, broken } from '../bytes.ts';
import type { Box } from './boxes.ts';
import type { Size } from './coding.ts';

export function croppedSize(file: Bytes, clap: Box | undefined, size: Size): Size {
  if (!clap) return size;
  const field = (index: number) => file.u32(clap.body + index * 4) | 0; // signed
  const side = (whole: number, at: number) => {
    const [length, lengthUnit, offset, offsetUnit] = [at, at + 1, at + 4, at + 5].map(field) as [
      number,
      number,
      number,
      number,
    ];
    const kept = length / lengthUnit;
    // The first pixel that is kept, in units of 1 / offsetUnit.
    const begin = ((whole - kept) * offsetUnit) / 2 + offset;
    const isValid =
      lengthUnit > 0 &&
      offsetUnit > 0 &&
      kept > 0 &&
      Number.isInteger(kept) &&
      begin >= 0 &&
      Number.isInteger(begin / offsetUnit) &&
      begin / offsetUnit + kept <= whole;
    if (!isValid) throw broken('it is cropped to what is no part of it');
    return kept;
  };
  return { width: side(size.width, 0), height: side(size.height, 2) };
}
