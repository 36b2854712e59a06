import type { Orientation } from '@hebb/model/preprocess/orient';
import { Bytes } from './bytes.ts';

/** TIFF tag of the orientation (CIPA DC-008, 4.6.4). */
const ORIENTATION_TAG = 0x0112;
/** TIFF field types: 16 and 32 bits unsigned. The standard says SHORT, some writers LONG. */
const SHORT = 3;
const LONG = 4;

/**
 * The orientation in a block of EXIF data (a TIFF header and its first directory). Bad metadata
 * never make an image unreadable: they count as upright.
 */
export function exifOrientation(exif: Uint8Array): Orientation {
  try {
    return readOrientation(new Bytes(exif));
  } catch {
    return 1;
  }
}

function readOrientation(tiff: Bytes): Orientation {
  const little = tiff.startsWith('II');
  if (!little && !tiff.startsWith('MM')) return 1;
  const directory = tiff.u32(4, little);
  const entries = tiff.u16(directory, little);
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + i * 12;
    if (tiff.u16(entry, little) !== ORIENTATION_TAG) continue;
    const type = tiff.u16(entry + 2, little);
    if (type !== SHORT && type !== LONG) return 1;
    const value = type === SHORT ? tiff.u16(entry + 8, little) : tiff.u32(entry + 8, little);
    return value >= 1 && value <= 8 ? (value as Orientation) : 1;
  }
  return 1;
}

/** Prefix of EXIF data in JPEG, and from some writers in WebP and PNG. */
export const EXIF_PREFIX = 'Exif\0\0';

/** EXIF data without that prefix. */
export function exifBlock(data: Uint8Array): Uint8Array {
  return new Bytes(data).startsWith(EXIF_PREFIX) ? data.subarray(EXIF_PREFIX.length) : data;
}

/**
 * The first EXIF block of a file, from segments in their order. A block longer than a JPEG's segment
 * (64 KB) is continued in the next one; a segment that begins with a TIFF header of its own is another
 * block, and the first one counts.
 */
export function firstExif(segments: readonly Uint8Array[]): Uint8Array | undefined {
  const [first, ...others] = segments;
  if (!first) return undefined;
  const second = others.findIndex(startsTiff);
  const more = second < 0 ? others : others.slice(0, second);
  if (more.length === 0) return first;
  const block = new Uint8Array(segments.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of [first, ...more]) {
    block.set(part, at);
    at += part.length;
  }
  return block.subarray(0, at);
}

const startsTiff = (data: Uint8Array): boolean => {
  const bytes = new Bytes(data);
  return bytes.startsWith('II*\0') || bytes.startsWith('MM\0*');
};
