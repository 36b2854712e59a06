/**
 * Decodes WebP, or the first frame of an animation, with libwebp (shared/decode/codecs/webp.c). Rows are put over white
 * and averaged while they are decoded, so the picture is never in memory at full size.
 * @module
 */

import type { ReducedImage } from '@hebb/model/preprocess/resize';
import { broken } from '../bytes.ts';
import type { CodecInstance } from '../codecs/instance.ts';
import { originOf, type Reduction, reducedSize } from '../reduce.ts';
import type { WebpFrame, WebpHeader } from './header.ts';

/** Byte offsets of the fields of `webp_picture` in webp.c. */
const FIELD = { pixels: 8, frameWidth: 12, frameHeight: 16 } as const;

export function decodeWebp(
  codec: CodecInstance,
  file: Uint8Array,
  header: WebpHeader,
  reduction: Reduction,
): ReducedImage {
  const { frame } = header;
  const still = stillFile(file, frame);
  const input = codec.copyIn(...still);
  const length = still.reduce((sum, part) => sum + part.length, 0);
  const place = [header.width, header.height, frame.x, frame.y];
  const picture = codec.call('webp_decode', input, length, reduction, ...place);
  const field = (name: keyof typeof FIELD) => codec.u32(picture + FIELD[name]);
  if (field('frameWidth') !== frame.width || field('frameHeight') !== frame.height) {
    throw broken('its picture has another size than its header');
  }
  const { width, height } = reducedSize(header.width, header.height, reduction);
  const data = codec.view(field('pixels'), width * height * 3);
  return { width, height, data, ...(reduction === 1 ? {} : originOf(header, reduction)) };
}

/** The parts of a file with only this frame: RIFF and VP8X, the frame's chunks, padding. */
function stillFile(file: Uint8Array, frame: WebpFrame): readonly Uint8Array[] {
  const chunks = file.subarray(frame.begin, frame.end);
  const padding = new Uint8Array(chunks.length & 1); // chunks have even lengths (RFC 9649, 2.3)
  const head = new Uint8Array(30);
  const view = new DataView(head.buffer);
  const ascii = (text: string, at: number) => {
    for (let i = 0; i < text.length; i++) head[at + i] = text.charCodeAt(i);
  };
  ascii('RIFF', 0);
  view.setUint32(4, head.length + chunks.length + padding.length - 8, true);
  ascii('WEBPVP8X', 8);
  view.setUint32(16, 10, true);
  head[20] = frame.alpha ? 0x10 : 0;
  setU24(view, 24, frame.width - 1);
  setU24(view, 27, frame.height - 1);
  return [head, chunks, padding];
}

function setU24(view: DataView, at: number, value: number): void {
  view.setUint16(at, value & 0xffff, true);
  view.setUint8(at + 2, value >> 16);
}
