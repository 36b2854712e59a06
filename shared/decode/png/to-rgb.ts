/**
 * Rows of PNG samples to 8-bit RGB over white, for every colour type and bit depth.
 * @module
 */
import { Bytes, broken } from '../bytes.ts';
import { overWhite } from '../pixels.ts';
import type { PngHeader } from './header.ts';

/** Writes `count` pixels of an unfiltered row as uint8 RGB [count, 3]. */
export type RowToRgb = (row: Uint8Array, count: number, rgb: Uint8Array) => void;

/**
 * @param palette the PLTE chunk, RGB per entry
 * @param transparency the tRNS chunk: alpha per palette entry, or the one transparent colour
 */
export function rowToRgb(
  header: PngHeader,
  palette: Uint8Array | undefined,
  transparency: Uint8Array | undefined,
): RowToRgb {
  const { colour, bitDepth } = header;
  if (colour === 'palette') {
    if (!palette || palette.length % 3 !== 0) throw broken('its palette is missing');
    return fromTable(bitDepth, paletteTable(palette, transparency));
  }
  const clear = transparency && colour !== 'grey-alpha' ? clearColour(transparency) : undefined;
  if (colour === 'grey' && bitDepth <= 8) return fromTable(bitDepth, greyTable(bitDepth, clear));
  if (colour === 'rgb' && bitDepth === 8 && !clear) return (row, _, rgb) => rgb.set(row);
  return fromSamples(header, clear);
}

/** The samples of tRNS's transparent colour, 16 bits each. */
function clearColour(transparency: Uint8Array): readonly number[] {
  const view = new Bytes(transparency);
  return Array.from({ length: transparency.length >> 1 }, (_, i) => view.u16(i * 2));
}

/** RGB per index, over white; black for an index beyond the palette, like in libpng. */
function paletteTable(palette: Uint8Array, alphas: Uint8Array | undefined): Uint8Array {
  const table = new Uint8Array(256 * 3);
  const entries = palette.subarray(0, table.length);
  table.set(entries.map((value, i) => overWhite(value, alphas?.[Math.trunc(i / 3)] ?? 255)));
  return table;
}

function greyTable(bitDepth: number, clear: readonly number[] | undefined): Uint8Array {
  const levels = 1 << bitDepth;
  const table = new Uint8Array(levels * 3);
  for (let level = 0; level < levels; level++) {
    const value = clear?.[0] === level ? 255 : (level * 255) / (levels - 1);
    table.fill(value, level * 3, level * 3 + 3);
  }
  return table;
}

/** One sample of at most 8 bits per pixel, looked up. */
function fromTable(bitDepth: number, table: Uint8Array): RowToRgb {
  const mask = (1 << bitDepth) - 1;
  return (row, count, rgb) => {
    for (let i = 0, to = 0; i < count; i++, to += 3) {
      const bit = i * bitDepth;
      const from = ((row[bit >> 3]! >> (8 - bitDepth - (bit & 7))) & mask) * 3;
      rgb[to] = table[from]!;
      rgb[to + 1] = table[from + 1]!;
      rgb[to + 2] = table[from + 2]!;
    }
  };
}

/** Whole samples of 8 or 16 bits: grey or RGB, with alpha or without. */
function fromSamples(header: PngHeader, clear: readonly number[] | undefined): RowToRgb {
  const { channels, bitDepth } = header;
  const read = bitDepth === 16 ? sample16 : sample8;
  const max = 2 ** bitDepth - 1;
  const toByte = 255 / (max * max);
  const hasAlpha = channels % 2 === 0;
  const green = channels >= 3 ? 1 : 0;
  const blue = green * 2;
  // Over white at the file's own depth, then rounded to 8 bits (PNG, section 13.12).
  const byte = (value: number, alpha: number) => Math.round(255 - (max - value) * alpha * toByte);
  return (row, count, rgb) => {
    for (let i = 0, to = 0; i < count; i++, to += 3) {
      const at = i * channels;
      const r = read(row, at);
      const g = read(row, at + green);
      const b = read(row, at + blue);
      const isClear = clear && r === clear[0] && g === clear[green] && b === clear[blue];
      const alpha = isClear ? 0 : hasAlpha ? read(row, at + channels - 1) : max;
      rgb[to] = byte(r, alpha);
      rgb[to + 1] = byte(g, alpha);
      rgb[to + 2] = byte(b, alpha);
    }
  };
}

const sample8 = (row: Uint8Array, at: number) => row[at]!;
const sample16 = (row: Uint8Array, at: number) => (row[at * 2]! << 8) | row[at * 2 + 1]!;
