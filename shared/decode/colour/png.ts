/**
 * Colour in PNG (W3C PNG, third edition, 11.3.2). The order of precedence is that of section 4.3:
 * cICP, iCCP, sRGB, then gAMA with cHRM.
 * @module
 */

import { Bytes } from '../bytes.ts';
import { Inflater } from '../codecs/inflate.ts';
import type { CodecInstance } from '../codecs/instance.ts';
import { type Chunk, crc32 } from '../png/chunks.ts';
import { MAX_PROFILE_BYTES } from './icc.ts';
import type { Chromaticity } from './primaries.ts';
import type { CicpTag, ColourTag, GammaTag, IccTag } from './tag.ts';

/** A profile as stored in the file: a zlib stream. */
export interface DeflatedIccTag {
  readonly kind: 'deflated-icc';
  readonly deflated: Uint8Array;
  readonly grey: boolean;
}

/**
 * The colour space from the chunks before the picture's data; nothing is inflated. Never throws.
 *
 * gAMA without cHRM is used, like in Chromium (the page's engine gets pixels that the browser decoded), although
 * libvips and Pillow ignore it; cHRM without gAMA is ignored, like there.
 */
export function pngColour(file: Bytes): ColourTag | DeflatedIccTag | undefined {
  try {
    const chunks = readChunks(file);
    const cicp = chunks.get('cICP');
    if (cicp) return readCicp(new Bytes(cicp));
    const iccp = chunks.get('iCCP');
    // Colour types 0 and 4 are grey.
    if (iccp) return readIccp(iccp, (file.u8(25) & 2) === 0);
    if (chunks.has('sRGB')) return undefined;
    const gama = chunks.get('gAMA');
    return gama && readGamma(new Bytes(gama), chunks.get('cHRM'));
  } catch {
    return undefined;
  }
}

/** Larger compressed profiles are ignored: a matrix profile has 0.5 to 10 kB. */
const MAX_DEFLATED_BYTES = 65_536;

const NAMES = ['cICP', 'iCCP', 'sRGB', 'gAMA', 'cHRM'];

/** The first chunk of each kind with a correct CRC. All of them come before PLTE and IDAT. */
function readChunks(file: Bytes): ReadonlyMap<string, Chunk['data']> {
  const found = new Map<string, Uint8Array>();
  for (let at = 8; at + 12 <= file.length; at += file.u32(at) + 12) {
    const type = file.ascii(at + 4, 4);
    if (type === 'PLTE' || type === 'IDAT') break;
    if (!NAMES.includes(type) || found.has(type)) continue;
    const length = file.u32(at);
    if (length > MAX_DEFLATED_BYTES) continue;
    const intact = crc32(file.slice(at + 4, length + 4)) === file.u32(at + 8 + length);
    if (intact) found.set(type, file.slice(at + 8, length));
  }
  return found;
}

/** 11.3.2.6: primaries, transfer, matrix (0 in PNG), and whether black is 0 and white the maximum. */
function readCicp(data: Bytes): CicpTag | undefined {
  const isFullRange = data.u8(3) === 1;
  // Chromium does not convert the other kind either: captured video, 16 to 235.
  if (!isFullRange || data.u8(2) !== 0) return undefined;
  return { kind: 'cicp', primaries: data.u8(0), transfer: data.u8(1) };
}

/** 11.3.2.3: a name, 0, the compression method (0: zlib), the compressed profile. */
function readIccp(data: Uint8Array, grey: boolean): DeflatedIccTag | undefined {
  const end = data.indexOf(0);
  if (end < 0 || data[end + 1] !== 0) return undefined;
  return { kind: 'deflated-icc', deflated: data.subarray(end + 2), grey };
}

/** 11.3.2.1 and 11.3.2.2: in hundred-thousandths. */
function readGamma(gama: Bytes, chrm: Uint8Array | undefined): GammaTag {
  const exponent = 100_000 / gama.u32(0);
  if (!chrm) return { kind: 'gamma', exponent };
  const data = new Bytes(chrm);
  const point = (i: number): Chromaticity => [
    data.u32(i * 8) / 100_000,
    data.u32(i * 8 + 4) / 100_000,
  ];
  const primaries = { white: point(0), red: point(1), green: point(2), blue: point(3) };
  return { kind: 'gamma', exponent, primaries };
}

/** The profile; undefined if it is damaged or too large. */
export function inflateIcc(
  codec: CodecInstance,
  { deflated, grey }: DeflatedIccTag,
): IccTag | undefined {
  const inflater = new Inflater(codec, [deflated]);
  const profile = new Uint8Array(MAX_PROFILE_BYTES);
  let length = 0;
  do {
    const piece = inflater.read();
    if (length + piece.length > profile.length) return undefined;
    profile.set(piece, length);
    length += piece.length;
  } while (inflater.state === 'more');
  if (inflater.state !== 'end' && inflater.state !== 'bad-check') return undefined;
  return { kind: 'icc', profile: profile.slice(0, length), grey };
}
