/**
 * WebP by libwebp 1.1.0 (npm: @cwasm/webp), the first frame of an animation.
 * @module
 */
import { HebbError, type ReducedImage } from '../../model/index.ts';
import { broken } from '../bytes.ts';
import { type Codec, LongJump, withCodec } from '../codec.ts';
import type { CodecPool } from '../codec-pool.ts';
import { reduceRgba } from '../pixels.ts';
import type { Reduction } from '../reduce.ts';
import type { WebpFrame, WebpHeader } from './header.ts';

export async function decodeWebp(
  pool: CodecPool,
  bytes: Uint8Array,
  header: WebpHeader,
  reduction: Reduction,
): Promise<ReducedImage> {
  try {
    return await withCodec(pool, 'webp', (codec) => decompress(codec, bytes, header, reduction));
  } catch (error) {
    if (error instanceof HebbError) throw error;
    const isCodecs = error instanceof WebAssembly.RuntimeError || error instanceof LongJump;
    throw isCodecs ? broken('libwebp cannot read it', error) : error;
  }
}

function decompress(
  codec: Codec,
  bytes: Uint8Array,
  header: WebpHeader,
  reduction: Reduction,
): ReducedImage {
  const { frame } = header;
  const file = stillFile(bytes, frame);
  const input = codec.copyIn(file);
  const size = codec.allocate(8);
  const pixels = codec.call('WebPDecodeRGBA', input, file.length, size, size + 4);
  if (pixels === 0) throw broken('its picture data are damaged or cut off');
  if (codec.u32(size) !== frame.width || codec.u32(size + 4) !== frame.height) {
    throw broken('its picture has another size than its header');
  }
  const rgba = codec.view(pixels, frame.width * frame.height * 4);
  return reduceRgba(rgba, frame, header, reduction);
}

/** A file of nothing but this frame: RIFF, VP8X and the frame's chunks. */
function stillFile(bytes: Uint8Array, frame: WebpFrame): Uint8Array {
  const chunks = bytes.subarray(frame.begin, frame.end);
  const file = new Uint8Array(30 + chunks.length + (chunks.length & 1));
  const view = new DataView(file.buffer);
  const ascii = (text: string, at: number) => {
    for (let i = 0; i < text.length; i++) file[at + i] = text.charCodeAt(i);
  };
  ascii('RIFF', 0);
  view.setUint32(4, file.length - 8, true);
  ascii('WEBPVP8X', 8);
  view.setUint32(16, 10, true);
  file[20] = frame.alpha ? 0x10 : 0;
  setU24(view, 24, frame.width - 1);
  setU24(view, 27, frame.height - 1);
  file.set(chunks, 30);
  return file;
}

function setU24(view: DataView, at: number, value: number): void {
  view.setUint16(at, value & 0xffff, true);
  view.setUint8(at + 2, value >> 16);
}
