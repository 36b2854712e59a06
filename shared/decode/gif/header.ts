/**
 * GIF header, up to the first frame (GIF89a specification, sections 17 to 23).
 * @module
 */
import { type Bytes, broken } from '../bytes.ts';
import type { HeaderBase } from '../header.ts';

export interface GifHeader extends HeaderBase {
  readonly format: 'gif';
  /** The first frame and its place on the canvas of width × height. */
  readonly frame: GifFrame;
}

export interface GifFrame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly interlaced: boolean;
  /** RGB per entry. */
  readonly palette: Uint8Array;
  /** Index of the transparent colour. */
  readonly transparent: number | undefined;
  /** Offset of the LZW data: the minimum code size, then sub-blocks. */
  readonly data: number;
}

/** Bytes that decoding takes besides the reduced picture: one row. */
export const gifMemory = ({ width }: GifHeader): number => width * 3 + 64;

/** Some writers end a block twice; browsers and Pillow skip the second end. */
const PADDING = 0x00;
const EXTENSION = 0x21;
const IMAGE = 0x2c;
const GRAPHIC_CONTROL = 0xf9;

export const isGif = (file: Bytes): boolean =>
  file.startsWith('GIF87a') || file.startsWith('GIF89a');

export function gifHeader(file: Bytes): GifHeader {
  const global = colourTable(file, 13, file.u8(10));
  let transparent: number | undefined;
  for (let at = 13 + global.length; ; ) {
    const kind = file.u8(at);
    if (kind === IMAGE) {
      const frame = readFrame(file, at, global, transparent);
      // A frame larger than the screen enlarges it, as in browsers.
      const width = Math.max(file.u16(6, true), frame.x + frame.width);
      const height = Math.max(file.u16(8, true), frame.y + frame.height);
      return { format: 'gif', width, height, orientation: 1, frame };
    }
    if (kind === PADDING) {
      at++;
      continue;
    }
    if (kind !== EXTENSION) throw broken('it has no picture data');
    if (file.u8(at + 1) === GRAPHIC_CONTROL) {
      transparent = file.u8(at + 3) & 1 ? file.u8(at + 6) : undefined;
    }
    at = skipSubBlocks(file, at + 2);
  }
}

function readFrame(
  file: Bytes,
  at: number,
  global: Uint8Array,
  transparent: number | undefined,
): GifFrame {
  const flags = file.u8(at + 9);
  const local = colourTable(file, at + 10, flags);
  const palette = local.length > 0 ? local : global;
  const width = file.u16(at + 5, true);
  const height = file.u16(at + 7, true);
  if (width === 0 || height === 0) throw broken(`its first frame is ${width}×${height}`);
  if (palette.length === 0) throw broken('it has no palette');
  return {
    x: file.u16(at + 1, true),
    y: file.u16(at + 3, true),
    width,
    height,
    interlaced: (flags & 0x40) !== 0,
    palette,
    transparent,
    data: at + 10 + local.length,
  };
}

/** The colour table that the flags announce; empty if none. */
function colourTable(file: Bytes, at: number, flags: number): Uint8Array {
  const entries = flags & 0x80 ? 2 << (flags & 7) : 0;
  return file.slice(at, entries * 3);
}

function skipSubBlocks(file: Bytes, begin: number): number {
  let at = begin;
  for (let length = file.u8(at); length > 0; length = file.u8(at)) at += 1 + length;
  return at + 1;
}
