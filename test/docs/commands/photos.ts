import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '@hebb/local/bundle';
import sharp from 'sharp';

const CLASSES = { daisy: 'daisy.jpg', sunflowers: 'sunflower.jpg', tulips: 'tulips.jpg' };
const IMAGES = 12;

/**
 * The photographs that the docs speak of: `photo.jpg`, and `photos/<class>/` of three classes, which are
 * crops of the samples.
 */
export async function writePhotos(folder: string): Promise<void> {
  for (const [name, sample] of Object.entries(CLASSES)) {
    const file = join(ROOT, 'test', 'samples', sample);
    const { width, height } = await sharp(file).metadata();
    const size = Math.floor(Math.min(width, height) * 0.8);
    await mkdir(join(folder, 'photos', name), { recursive: true });
    for (let n = 0; n < IMAGES; n++) {
      const along = n / (IMAGES - 1);
      await sharp(file)
        .extract({
          left: Math.floor((width - size) * along),
          top: Math.floor((height - size) * (1 - along)),
          width: size,
          height: size,
        })
        .jpeg({ quality: 90 })
        .toFile(join(folder, 'photos', name, `${n}.jpg`));
    }
  }
  await sharp(join(ROOT, 'test', 'samples', CLASSES.sunflowers)).toFile(join(folder, 'photo.jpg'));
}
