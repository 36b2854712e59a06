/**
 * Writes PNG files of every colour type, bit depth and row filter, interlaced or not, with tRNS and eXIf, which
 * sharp's encoder cannot do.
 * @module
 */
import { crc32, deflateSync } from 'node:zlib';

export interface RawPng {
  readonly width: number;
  readonly height: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  readonly colourType: 0 | 2 | 3 | 4 | 6;
  readonly bitDepth: 1 | 2 | 4 | 8 | 16;
  /** Sample `channel` of a pixel, 0 to 2^bitDepth − 1. */
  readonly sample: (x: number, y: number, channel: number) => number;
  readonly interlaced?: boolean;
  /** Additional chunks before IDAT, such as PLTE, tRNS, eXIf. */
  readonly chunks?: Readonly<Record<string, readonly number[]>>;
  /** The filter of each row; by default the filters take turns. */
  readonly filter?: (row: number) => number;
  /** Bytes per IDAT chunk. */
  readonly split?: number;
  /** Compression level of zlib; 0 stores. */
  readonly level?: number;
}

export const CHANNELS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const;

const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

export function writePng(png: RawPng): Buffer {
  const { width, height, colourType, bitDepth, interlaced = false, split = 1000, level = 6 } = png;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bitDepth, colourType, 0, 0, interlaced ? 1 : 0], 8);
  const data = deflateSync(filteredRows(png), { level });
  const parts = [Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header)];
  for (const [type, body] of Object.entries(png.chunks ?? {})) parts.push(chunk(type, body));
  for (let at = 0; at < data.length; at += split)
    parts.push(chunk('IDAT', data.subarray(at, at + split)));
  return Buffer.concat([...parts, chunk('IEND', [])]);
}

export function chunk(type: string, body: Iterable<number>): Buffer {
  const typed = Buffer.concat([Buffer.from(type), Buffer.from([...body])]);
  const framed = Buffer.alloc(typed.length + 8);
  framed.writeUInt32BE(typed.length - 4, 0);
  framed.set(typed, 4);
  framed.writeUInt32BE(crc32(typed), typed.length + 4);
  return framed;
}

/** The file with the CRC of every chunk corrected, as far as the chunks are readable. */
export function fixChecksums(file: Uint8Array): Uint8Array {
  const fixed = Buffer.from(file);
  for (let at = 8; at + 12 <= fixed.length; ) {
    const end = at + 8 + fixed.readUInt32BE(at);
    if (end + 4 > fixed.length) break;
    fixed.writeUInt32BE(crc32(fixed.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return fixed;
}

function filteredRows(png: RawPng): Buffer {
  const { width, height, interlaced, filter = (row: number) => row % 5 } = png;
  const bits = CHANNELS[png.colourType] * png.bitDepth;
  const rows: Uint8Array[] = [];
  for (const [x0, y0, dx, dy] of interlaced ? ADAM7 : ([[0, 0, 1, 1]] as const)) {
    const count = Math.ceil((width - x0) / dx);
    if (count <= 0) continue;
    let above = new Uint8Array(Math.ceil((count * bits) / 8));
    for (let y = y0; y < height; y += dy) {
      const row = packRow(png, count, (i) => x0 + i * dx, y);
      rows.push(applyFilter(filter(y), row, above, Math.max(1, bits >> 3)));
      above = row;
    }
  }
  return Buffer.concat(rows);
}

function packRow(png: RawPng, count: number, xOf: (i: number) => number, y: number) {
  const channels = CHANNELS[png.colourType];
  const { bitDepth } = png;
  const row = new Uint8Array(Math.ceil((count * channels * bitDepth) / 8));
  let bit = 0;
  for (let i = 0; i < count * channels; i++, bit += bitDepth) {
    const sample = png.sample(xOf(Math.floor(i / channels)), y, i % channels);
    if (bitDepth === 16) row.set([sample >> 8, sample & 255], bit >> 3);
    else row[bit >> 3]! |= sample << (8 - bitDepth - (bit & 7));
  }
  return row;
}

/** PNG, section 9.2: the filter's byte, then the row minus its prediction. */
function applyFilter(filter: number, row: Uint8Array, above: Uint8Array, left: number) {
  const out = new Uint8Array(row.length + 1);
  out[0] = filter;
  row.forEach((value, i) => {
    const a = row[i - left] ?? 0;
    const b = above[i]!;
    const c = above[i - left] ?? 0;
    out[i + 1] = value - [0, a, b, (a + b) >> 1, paeth(a, b, c)][filter]!;
  });
  return out;
}

function paeth(a: number, b: number, c: number): number {
  const p = a + b - c;
  const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
  if (pa <= pb && pa <= pc) return a;
  return pb <= pc ? b : c;
}
