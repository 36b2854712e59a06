/**
 * Small generated images as real files, for tests that read folders of images.
 * @module
 */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { seededRandom } from './random-weights.ts';

/** Writes a JPEG of a few smooth coloured patches, which depend on the seed only. */
export async function writeImage(
  path: string,
  seed: number,
  width = 80,
  height = 64,
): Promise<void> {
  const random = seededRandom(seed);
  const patches = Buffer.from(Array.from({ length: 4 * 4 * 3 }, () => Math.floor(random() * 256)));
  await mkdir(dirname(path), { recursive: true });
  await sharp(patches, { raw: { width: 4, height: 4, channels: 3 } })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .jpeg({ quality: 95 })
    .toFile(path);
}

/** Writes `images` JPEGs for each name: `dir/<name>/0.jpg`, … Returns their paths by name. */
export async function writeImageFolders(
  dir: string,
  names: readonly string[],
  images: number,
): Promise<Record<string, string[]>> {
  const paths: Record<string, string[]> = {};
  for (const [n, name] of names.entries()) {
    paths[name] = Array.from({ length: images }, (_, i) => join(dir, name, `${i}.jpg`));
    for (const [i, path] of paths[name].entries()) await writeImage(path, 100 * n + i + 1);
  }
  return paths;
}
