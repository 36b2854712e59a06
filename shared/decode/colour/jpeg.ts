import type { Bytes } from '../bytes.ts';
import { MARKER, nextMarker } from '../jpeg/markers.ts';
import { MAX_PROFILE_BYTES } from './icc.ts';
import type { IccTag } from './tag.ts';

const APP2 = 0xe2;
const SIGNATURE = 'ICC_PROFILE\0';

/**
 * The ICC profile before the first scan, joined from its segments (ICC.1:2022, B.4: each has
 * its number from 1 and the total). Undefined if there is none, if a part is missing or
 * repeated, and for CMYK, whose profiles are tables. Never throws.
 */
export function jpegColour(file: Bytes): IccTag | undefined {
  try {
    return readSegments(file);
  } catch {
    return undefined; // truncated: the decoder reports it
  }
}

function readSegments(file: Bytes): IccTag | undefined {
  const parts = new Map<number, Uint8Array>();
  let count = 0;
  let components = 0;
  for (let at = 2; ; ) {
    const { marker, body, end } = nextMarker(file, at);
    at = end;
    if (marker === MARKER.SOS || marker === MARKER.EOI) break;
    if (MARKER.isFrame(marker)) components = file.u8(body + 5);
    if (marker !== APP2 || !file.startsWith(SIGNATURE, body)) continue;
    const header = body + SIGNATURE.length;
    const number = file.u8(header);
    if (parts.has(number)) return undefined;
    count = file.u8(header + 1);
    parts.set(number, file.slice(header + 2, end - header - 2));
  }
  if (count === 0 || parts.size !== count || components > 3) return undefined;
  const profile = join(Array.from({ length: count }, (_, i) => parts.get(i + 1)));
  return profile && { kind: 'icc', profile, grey: components === 1 };
}

function join(parts: readonly (Uint8Array | undefined)[]): Uint8Array | undefined {
  const length = parts.reduce((sum, part) => sum + (part?.length ?? Number.NaN), 0);
  if (!(length <= MAX_PROFILE_BYTES)) return undefined; // NaN: a number is missing
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part!, at);
    at += part!.length;
  }
  return whole;
}
