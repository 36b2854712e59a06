import { imageFiles } from '@hebb/images/images';
import { seededRandom } from '@hebb/test/support/random-weights';
import sharp from 'sharp';

/** What phones take: 12 megapixels. */
export const WIDTH = 4032;
export const HEIGHT = 3024;

/** An enlarged photograph has no detail of its own: noise gives the file the size of a real one. */
const NOISE = 36;
const QUALITY = 94;

export interface Photographs {
  readonly baseline: Uint8Array;
  readonly progressive: Uint8Array;
}

/**
 * A 12-megapixel JPEG (4:2:0), baseline and progressive: the first photograph of a folder enlarged,
 * with noise; noise alone without a folder.
 */
export async function photographs(folder: string | undefined): Promise<Photographs> {
  const pixels = folder ? await enlarged(folder) : new Uint8Array(WIDTH * HEIGHT * 3).fill(112);
  const random = seededRandom(3);
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = Math.max(0, Math.min(255, pixels[i]! + NOISE * (random() + random() - 1)));
  }
  const raw = { width: WIDTH, height: HEIGHT, channels: 3 } as const;
  const encode = (progressive: boolean) =>
    sharp(pixels, { raw }).jpeg({ quality: QUALITY, progressive }).toBuffer();
  return { baseline: await encode(false), progressive: await encode(true) };
}

async function enlarged(folder: string): Promise<Uint8Array> {
  const [first] = await imageFiles(folder);
  if (!first) throw new Error(`There are no images in ${folder}.`);
  const image = sharp(first.path).resize(WIDTH, HEIGHT, { fit: 'cover' });
  return image.flatten().toColourspace('srgb').raw().toBuffer();
}
