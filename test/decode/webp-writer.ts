/**
 * Assembles WebP files from chunks of other files (RFC 9649, 2.7): animations with a frame anywhere on the
 * canvas, and EXIF in files without it.
 * @module
 */
import { sniff } from '@hebb/decode/sniff';

interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Placed extends Size {
  readonly x: number;
  readonly y: number;
  readonly frame: Size;
}

/** VP8X flags. */
const ANIMATED = 0x02;
const EXIF = 0x08;
const ALPHA = 0x10;

/** An animation of one frame, from the chunks of a still image (the file after its first 12 bytes). */
export function animation(chunks: Buffer, { width, height, x, y, frame }: Placed): Buffer {
  const place = [u24(x / 2), u24(y / 2), u24(frame.width - 1), u24(frame.height - 1)];
  const anmf = riff('ANMF', Buffer.concat([...place, u24(100), Buffer.from([0]), chunks]));
  const anim = riff('ANIM', Buffer.from([255, 255, 255, 255, 0, 0]));
  return webp(vp8x(ANIMATED, { width, height }), anim, anmf);
}

/** The file with an EXIF block behind its picture. */
export function withExif(file: Buffer, block: Buffer): Buffer {
  const exif = riff('EXIF', block);
  if (file.toString('latin1', 12, 16) === 'VP8X') {
    const chunks = Buffer.from(file.subarray(12));
    chunks[8]! |= EXIF;
    return webp(chunks, exif);
  }
  const header = sniff(file);
  const alpha = header.format === 'webp' && header.frame.alpha ? ALPHA : 0;
  return webp(vp8x(EXIF | alpha, header), file.subarray(12), exif);
}

const webp = (...chunks: readonly Buffer[]): Buffer =>
  riff('RIFF', Buffer.concat([Buffer.from('WEBP'), ...chunks]));

const vp8x = (flags: number, { width, height }: Size): Buffer =>
  riff('VP8X', Buffer.concat([Buffer.from([flags, 0, 0, 0]), u24(width - 1), u24(height - 1)]));

function riff(type: string, body: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(body.length);
  return Buffer.concat([Buffer.from(type), size, body, Buffer.alloc(body.length & 1)]);
}

const u24 = (value: number) => Buffer.from([value & 255, (value >> 8) & 255, value >> 16]);
