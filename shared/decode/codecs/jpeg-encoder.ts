/**
 * Encodes JPEG (jpeg-encoder.c).
 * @module
 */
import type { RgbImage } from '@hebb/model/preprocess/preprocessing';
import type { CodecInstance } from './instance.ts';

/** Byte offsets of the fields of `jpeg_file` in jpeg-encoder.c. */
const FIELD = { file: 0, length: 4 } as const;

/**
 * A baseline JPEG with chroma at half the size (4:2:0). Encoding takes 3 bytes of memory per pixel
 * besides the pixels and the file.
 * @param codec a fresh instance of jpeg-encoder.wasm
 * @param quality libjpeg's, 1 to 100
 */
export function encodeJpeg(
  codec: CodecInstance,
  { width, height, data }: RgbImage,
  quality: number,
): Uint8Array<ArrayBuffer> {
  const pixels = codec.copyIn(data.subarray(0, width * height * 3));
  const result = codec.call('jpeg_encode', pixels, width, height, quality);
  return codec.view(codec.u32(result + FIELD.file), codec.u32(result + FIELD.length)).slice();
}
