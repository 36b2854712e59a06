/**
 * Encodes JPEGs: thumbnails, drawn pictures and reduced photographs.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Workspace } from '@hebb/decode/arena';
import { encodeJpeg as encode } from '@hebb/decode/codecs/jpeg-encoder';
import type { RgbImage } from '@hebb/model/preprocess/preprocessing';

const FILE = fileURLToPath(import.meta.resolve('@hebb/decode/codecs/wasm/jpeg-encoder.wasm'));

let compiled: Promise<WebAssembly.Module> | undefined;

/**
 * Encodes a baseline JPEG, 4:2:0.
 * @param quality of libjpeg, 1 to 100
 */
export async function encodeJpeg(
  image: RgbImage,
  quality: number,
): Promise<Uint8Array<ArrayBuffer>> {
  compiled ??= readFile(FILE).then((bytes) => WebAssembly.compile(bytes));
  const memory = new WebAssembly.Memory({ initial: 8 });
  return encode(new Workspace(memory, await compiled), image, quality);
}
