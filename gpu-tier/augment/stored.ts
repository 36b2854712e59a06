/**
 * Images in the size in which the cache keeps them.
 * @module
 */
import sharp from 'sharp';
import type { RgbImage } from '../../shared/model/preprocess/preprocessing.ts';
import { decodeReduced } from '../decode/file.ts';

/**
 * Decodes an image and reduces it until its shorter side is `side` pixels, where it is longer. A
 * photograph of 12 megapixels takes 36 MB, at a shorter side of 320 it takes 0.4 MB. Most of the way
 * is done while decoding, in steps of two; the rest by libvips.
 */
export async function decodeStored(path: string, side: number): Promise<RgbImage> {
  const image = await decodeReduced(path, side);
  const { width, height, data: pixels } = image;
  if (Math.min(width, height) <= side) return image;
  const { data, info } = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize({ width: side, height: side, fit: 'outside', kernel: 'linear' })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}
