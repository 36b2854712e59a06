import type { Orientation } from '../model/index.ts';
import { Bytes } from './bytes.ts';

/** TIFF tag of the orientation (CIPA DC-008, 4.6.4). */
const ORIENTATION_TAG = 0x0112;
/** TIFF field type: 16-bit unsigned. */
const SHORT = 3;

/**
 * The orientation in a block of EXIF data (a TIFF header and its first directory). Metadata never
 * make an image unreadable: anything odd counts as upright.
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
    const isShort = tiff.u16(entry + 2, little) === SHORT;
    const value = tiff.u16(entry + 8, little);
    return isShort && value >= 1 && value <= 8 ? (value as Orientation) : 1;
  }
  return 1;
}

/** EXIF data without the six bytes that JPEG puts before them, and some writers of WebP too. */
export function exifBlock(data: Uint8Array): Uint8Array {
  return new Bytes(data).startsWith('Exif\0\0') ? data.subarray(6) : data;
}
