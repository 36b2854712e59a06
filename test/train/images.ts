/**
 * Small labelled images for tests of training, as real JPEG files: direction and colour of stripes determine
 * the class.
 * @module
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '@hebb/train/random/random';
import sharp from 'sharp';

const COLOURS = {
  red: [200, 60, 50],
  green: [60, 180, 70],
  blue: [60, 80, 200],
} as const;

/** Writes images of three classes into `dir`: the given number per class for each side. */
export async function writeImages(
  dir: string,
  sides: Readonly<Record<'train' | 'val', number>>,
  side = 80,
): Promise<void> {
  for (const [part, count] of Object.entries(sides)) {
    for (const [c, [name, colour]] of Object.entries(COLOURS).entries()) {
      const folder = join(dir, part, name);
      await mkdir(folder, { recursive: true });
      for (let i = 0; i < count; i++) {
        const pixels = stripes(side, colour, c, seededRandom(i * 31 + c * 7 + part.length));
        const image = sharp(pixels, { raw: { width: side, height: side, channels: 3 } });
        await image.jpeg({ quality: 90 }).toFile(join(folder, `${i}.jpg`));
      }
    }
  }
}

function stripes(
  side: number,
  colour: readonly number[],
  direction: number,
  random: () => number,
): Uint8Array {
  const [period, phase] = [6 + 6 * random(), 10 * random()];
  const pixels = new Uint8Array(side * side * 3);
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [i % side, Math.floor(i / side)];
    const along = [x, y, x + y][direction]!;
    const bright = Math.sin((2 * Math.PI * (along + phase)) / period) > 0 ? 1 : 0.4;
    for (let c = 0; c < 3; c++) pixels[i * 3 + c] = colour[c]! * bright + 30 * random();
  }
  return pixels;
}
