/**
 * Images in the size in which the cache keeps them.
 * @module
 */
import type { RgbImage } from '../../shared/model/preprocess/preprocessing.ts';
import { resizeTo } from '../../shared/model/preprocess/resize.ts';
import type { FileDecoder } from '../decode/file.ts';

/**
 * Decodes an image and reduces it until its shorter side is `side` pixels, where it is longer. A
 * photograph of 12 megapixels takes 36 MB, at a shorter side of 320 it takes 0.4 MB. Most of the way
 * is done while decoding, in steps of two.
 */
export async function decodeStored(
  decoder: FileDecoder,
  path: string,
  side: number,
): Promise<RgbImage> {
  const image = await decoder.image(path, { rule: 'shorter-side', size: side });
  const { sourceWidth: width, sourceHeight: height } = image;
  const scale = side / Math.min(width, height);
  if (scale >= 1) return image;
  return resizeTo(image, Math.round(width * scale), Math.round(height * scale));
}
