/**
 * WebP by libwebp (shared/codecs/webp.c), the first frame of an animation.
 * @module
 */
import { HebbError, type ReducedImage } from '../../model/index.ts';
import { broken } from '../bytes.ts';
import { type Codec, CodecFailure, withCodec } from '../codec.ts';
import type { CodecPool } from '../codec-pool.ts';
import { originOf, type Reduction } from '../reduce.ts';
import type { WebpFrame, WebpHeader } from './header.ts';

/** `webp_picture` of webp.c: where its fields lie, bytes. */
const FIELD = { width: 0, height: 4, pixels: 8, frameWidth: 12, frameHeight: 16 } as const;

export async function decodeWebp(
  pool: CodecPool,
  bytes: Uint8Array,
  header: WebpHeader,
  reduction: Reduction,
): Promise<ReducedImage> {
  try {
    return await withCodec(pool, 'webp', (codec) => runLibwebp(codec, bytes, header, reduction));
  } catch (error) {
    if (error instanceof HebbError) throw error;
    if (error instanceof CodecFailure) throw broken(error.message, error);
    if (error instanceof WebAssembly.RuntimeError) throw broken('libwebp cannot read it', error);
    throw error;
  }
}

/** Runs a fresh instance on the file. Throws `CodecFailure` where libwebp gives up. */
export function runLibwebp(
  codec: Codec,
  bytes: Uint8Array,
  header: WebpHeader,
  reduction: Reduction,
): ReducedImage {
  const { frame } = header;
  const { pointer, length } = copyStillFile(codec, bytes, frame);
  const place = [header.width, header.height, frame.x, frame.y];
  const picture = codec.call('webp_decode', pointer, length, reduction, ...place);
  const field = (at: number) => codec.u32(picture + at);
  if (field(FIELD.frameWidth) !== frame.width || field(FIELD.frameHeight) !== frame.height) {
    throw broken('its picture has another size than its header');
  }
  const [width, height] = [field(FIELD.width), field(FIELD.height)];
  const data = codec.view(field(FIELD.pixels), width * height * 3).slice();
  return { width, height, data, ...(reduction === 1 ? {} : originOf(header, reduction)) };
}

/** Makes, in the codec's memory, a file of nothing but this frame: RIFF, VP8X and the frame's chunks. */
function copyStillFile(codec: Codec, bytes: Uint8Array, frame: WebpFrame) {
  const chunks = bytes.subarray(frame.begin, frame.end);
  const length = 30 + chunks.length + (chunks.length & 1);
  const pointer = codec.allocate(length);
  const file = codec.view(pointer, length);
  const view = new DataView(file.buffer, file.byteOffset, length);
  const ascii = (text: string, at: number) => {
    for (let i = 0; i < text.length; i++) file[at + i] = text.charCodeAt(i);
  };
  ascii('RIFF', 0);
  view.setUint32(4, length - 8, true);
  ascii('WEBPVP8X', 8);
  view.setUint32(16, 10, true);
  file[20] = frame.alpha ? 0x10 : 0;
  setU24(view, 24, frame.width - 1);
  setU24(view, 27, frame.height - 1);
  file.set(chunks, 30);
  return { pointer, length };
}

function setU24(view: DataView, at: number, value: number): void {
  view.setUint16(at, value & 0xffff, true);
  view.setUint8(at + 2, value >> 16);
}
