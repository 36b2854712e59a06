/**
 * Writing JPEGs: thumbnails, drawn pictures, photographs made smaller. libjpeg-turbo's encoder, of the
 * same release as the decoder.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { Workspace } from '../../shared/decode/arena.ts';
import type { RgbImage } from '../../shared/model/preprocess/preprocessing.ts';

const FILE = new URL('../../shared/codecs/wasm/jpeg-encoder.wasm', import.meta.url);

let compiled: Promise<WebAssembly.Module> | undefined;

/**
 * A baseline JPEG, 4:2:0.
 * @param quality libjpeg's, 1 to 100
 */
export async function encodeJpeg(
  { width, height, data }: RgbImage,
  quality: number,
): Promise<Uint8Array<ArrayBuffer>> {
  compiled ??= readFile(FILE).then((bytes) => WebAssembly.compile(bytes));
  const memory = new WebAssembly.Memory({ initial: 8 });
  const codec = new Workspace(memory, await compiled);
  const file = codec.call('jpeg_encode', codec.copyIn(data), width, height, quality);
  return codec.view(codec.u32(file), codec.u32(file + 4)).slice();
}
