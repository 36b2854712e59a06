/**
 * Small real JPEG files for tests of data sets, each with different content by its seed.
 * @module
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { seededRandom } from '@hebb/train/random/random';
import sharp from 'sharp';

export interface PhotoOptions {
  readonly width?: number;
  readonly height?: number;
  readonly quality?: number;
}

/** A JPEG of smooth random colours. */
export async function photo(seed: number, options: PhotoOptions = {}): Promise<Buffer> {
  const { width = 48, height = 40, quality = 90 } = options;
  const random = seededRandom(seed);
  const coarse = Buffer.from(Array.from({ length: 8 * 8 * 3 }, () => Math.floor(256 * random())));
  return sharp(coarse, { raw: { width: 8, height: 8, channels: 3 } })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .jpeg({ quality })
    .toBuffer();
}

export async function writePhoto(path: string, seed: number, options?: PhotoOptions) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await photo(seed, options));
  return path;
}
