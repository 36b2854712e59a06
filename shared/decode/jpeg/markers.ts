/**
 * Finds the markers of a JPEG (ITU-T T.81, Annex B.1.1).
 * @module
 */
import { type Bytes, broken } from '../bytes.ts';

const PROCESSES: Record<number, string> = {
  195: 'lossless',
  197: 'hierarchical',
  198: 'hierarchical',
  199: 'hierarchical lossless',
  203: 'arithmetic-coded lossless',
  205: 'arithmetic-coded hierarchical',
  206: 'arithmetic-coded hierarchical',
  207: 'arithmetic-coded hierarchical lossless',
};

export const MARKER = {
  SOF0: 0xc0,
  SOF1: 0xc1,
  SOF2: 0xc2,
  DHT: 0xc4,
  SOF9: 0xc9,
  SOF10: 0xca,
  RST0: 0xd0,
  SOI: 0xd8,
  EOI: 0xd9,
  SOS: 0xda,
  DQT: 0xdb,
  DRI: 0xdd,
  APP0: 0xe0,
  APP1: 0xe1,
  APP14: 0xee,
  isFrame: (marker: number): boolean =>
    (marker >= 0xc0 && marker <= 0xc2) ||
    marker === MARKER.SOF9 ||
    marker === MARKER.SOF10 ||
    marker in PROCESSES,
  /** Application data and comments; the picture needs only APP0 and APP14 of them. */
  isMetadata: (marker: number): boolean => (marker >= 0xe0 && marker <= 0xef) || marker === 0xfe,
  isRestart: (marker: number): boolean => marker >= 0xd0 && marker <= 0xd7,
  unsupportedProcess: (marker: number): string | undefined => PROCESSES[marker],
} as const;

export interface Segment {
  readonly marker: number;
  /** Offset of the marker. */
  readonly at: number;
  /** First byte after the length field (after the marker, for those without a segment). */
  readonly body: number;
  /** First byte after the segment. */
  readonly end: number;
}

/**
 * The next marker at or after `at`. Bytes in between are skipped, like in libjpeg: some
 * cameras pad segments. Metadata with an invalid length are skipped too, because a broken thumbnail does not
 * break the picture; the search continues after them.
 */
export function nextMarker(file: Bytes, at: number): Segment {
  const { data } = file;
  let start = data.indexOf(0xff, at);
  while (start >= 0 && (data[start + 1] === 0xff || data[start + 1] === 0x00)) {
    start = data.indexOf(0xff, start + 1);
  }
  if (start < 0) throw broken('it ends before its end marker');
  const marker = file.u8(start + 1);
  const body = start + 2;
  const standsAlone = marker === MARKER.EOI || marker === MARKER.SOI || MARKER.isRestart(marker);
  if (standsAlone || marker === 0x01) return { marker, at: start, body, end: body };
  const length = file.u16(body);
  if (length < 2 && MARKER.isMetadata(marker)) {
    return { marker, at: start, body: body + 2, end: body + 2 };
  }
  if (length < 2 || body + length > file.length) throw broken('a segment ends past the file');
  return { marker, at: start, body: body + 2, end: body + length };
}

/**
 * End of the entropy-coded data that start at `at`: the next marker that is not a restart marker, or the end
 * of the file.
 */
export function entropyEnd(file: Bytes, at: number): number {
  const { data } = file;
  for (let next = data.indexOf(0xff, at); next >= 0; next = data.indexOf(0xff, next)) {
    const marker = data[next + 1];
    if (marker === undefined) break;
    if (marker === 0xff) next += 1;
    else if (marker === 0 || MARKER.isRestart(marker)) next += 2;
    else return next;
  }
  return data.length;
}
