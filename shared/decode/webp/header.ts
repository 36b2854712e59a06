/**
 * WebP header: the RIFF container and the start of the VP8 and VP8L bitstreams (RFC 9649).
 * @module
 */
import type { Orientation } from '@hebb/model/preprocess/orient';
import { type Bytes, broken } from '../bytes.ts';
import { exifBlock, exifOrientation } from '../exif.ts';
import type { HeaderBase } from '../header.ts';
import { type RiffChunk, riffChunks } from './riff.ts';

export interface WebpHeader extends HeaderBase {
  readonly format: 'webp';
  readonly animated: boolean;
  /** The first frame of an animation, else the picture. */
  readonly frame: WebpFrame;
}

/** A picture and its place on the canvas of width × height. */
export interface WebpFrame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly lossless: boolean;
  readonly alpha: boolean;
  /** Byte range of its chunks in the file: ALPH, if any, and VP8, or VP8L. */
  readonly begin: number;
  readonly end: number;
}

/** VP8X flags (RFC 9649, 2.7). */
const ANIMATED = 0x02;

export const isWebp = (file: Bytes): boolean =>
  file.startsWith('RIFF') && file.startsWith('WEBP', 8);

export function webpHeader(file: Bytes): WebpHeader {
  const first = riffChunks(file, 12, file.length).next().value;
  if (!first) throw broken('it is empty');
  if (first.type === 'VP8X') return extended(file, first);
  const frame = readFrame(file, first.at, file.length);
  return { format: 'webp', ...sizeOf(frame), animated: false, frame, orientation: 1 };
}

function extended(file: Bytes, vp8x: RiffChunk): WebpHeader {
  const animated = (file.u8(vp8x.body) & ANIMATED) !== 0;
  const width = file.u24(vp8x.body + 4) + 1;
  const height = file.u24(vp8x.body + 7) + 1;
  let frame: WebpFrame | undefined;
  let orientation: Orientation | undefined;
  for (const { type, at, body, end } of riffChunks(file, vp8x.end, file.length)) {
    if (type === 'EXIF') {
      orientation ??= exifOrientation(exifBlock(file.data.subarray(body, end)));
    } else if (frame) {
    } else if (type === 'ANMF') {
      frame = readAnimationFrame(file, body, end);
    } else if (isPicture(type)) {
      frame = readFrame(file, at, file.length);
    }
  }
  if (!frame) throw broken('it has no picture data');
  if (frame.x + frame.width > width || frame.y + frame.height > height) {
    throw broken('its first frame lies outside the canvas');
  }
  return { format: 'webp', width, height, animated, frame, orientation: orientation ?? 1 };
}

const isPicture = (type: string) => type === 'ALPH' || type === 'VP8 ' || type === 'VP8L';

const sizeOf = ({ width, height }: WebpFrame) => ({ width, height });

/** RFC 9649, 2.7.1.1: place and size of the frame, then its chunks. */
function readAnimationFrame(file: Bytes, body: number, end: number): WebpFrame {
  const frame = readFrame(file, body + 16, end);
  return { ...frame, x: file.u24(body) * 2, y: file.u24(body + 3) * 2 };
}

/** The picture whose first chunk is at `begin`. */
function readFrame(file: Bytes, begin: number, limit: number): WebpFrame {
  let alpha = false;
  for (const { type, body, end } of riffChunks(file, begin, limit)) {
    const place = { x: 0, y: 0, begin, end };
    if (type === 'ALPH') alpha = true;
    else if (type === 'VP8 ') return { ...place, ...vp8Size(file, body), lossless: false, alpha };
    else if (type === 'VP8L') return { ...place, ...vp8lSize(file, body), lossless: true };
  }
  throw broken('it has no picture data');
}

/** RFC 6386, 9.1: a key frame's start code, then 14 bits each of width and height. */
function vp8Size(file: Bytes, body: number) {
  if (!file.startsWith('\x9d\x01\x2a', body + 3)) throw broken('it has no VP8 key frame');
  return checked(file.u16(body + 6, true) & 0x3fff, file.u16(body + 8, true) & 0x3fff);
}

/** RFC 9649, 3.4: a signature, 14 bits each of width − 1 and height − 1, the alpha hint. */
function vp8lSize(file: Bytes, body: number) {
  if (file.u8(body) !== 0x2f) throw broken('it has no VP8L signature');
  const bits = file.u32(body + 1, true);
  const size = checked((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
  return { ...size, alpha: ((bits >>> 28) & 1) === 1 };
}

function checked(width: number, height: number) {
  if (width === 0 || height === 0) throw broken(`its size is ${width}×${height}`);
  return { width, height };
}

/** Tables and stack of the codec's module, bytes; measured, like the other constants here. */
const MODULE_BYTES = 110_000;

/** VP8L copies from the last 2²⁰ pixels. The window that holds them has room for half as many new ones. */
const WINDOW_PIXELS = 1.5 * 2 ** 20;

/** Bytes that decoding takes besides the reduced picture (shared/decode/codecs/webp.c). */
export function webpMemory({ width, height, frame }: WebpHeader): number {
  const file = frame.end - frame.begin;
  const canvas = width * 15 + height; // two rows, one white row, sums
  return MODULE_BYTES + file + canvas + (frame.lossless ? lossless(frame) : lossy(frame));
}

/** The window as ARGB, 17 rows in transformation, then transforms and Huffman tables. */
function lossless({ width, height }: Pick<WebpFrame, 'width' | 'height'>): number {
  const pixels = width * height;
  return Math.min(pixels, WINDOW_PIXELS) * 4 + width * 68 + pixels * 0.5 + 300_000;
}

/** Rows of macroblocks, and the alpha plane: coded as VP8L, at best with one byte per pixel. */
function lossy({ width, height, alpha }: WebpFrame): number {
  const rows = width * 144;
  if (!alpha) return rows;
  const pixels = width * height;
  return rows + pixels + Math.max(pixels, lossless({ width, height }));
}
