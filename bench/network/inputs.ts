import { basename } from 'node:path';
import { imageFiles } from '@hebb/images/images';
import type { Preprocessing } from '@hebb/model';
import { normalise } from '@hebb/model/preprocess/normalise';
import { seededRandom } from '@hebb/test/support/random-weights';
import { decodeFile } from '@hebb/test/support/sharp-decode';

/** One image, in the forms that the engines take. */
export interface Input {
  readonly name: string;
  /** uint8 RGB [size, size, 3]. */
  readonly pixels: Uint8Array;
  /** float32 [1, size, size, 3], normalised, in the package's channel order. */
  readonly nhwc: Float32Array;
}

/** `count` images, spread over the folder; random images without a folder. */
export async function benchInputs(
  folder: string | undefined,
  count: number,
  preprocessing: Preprocessing,
): Promise<readonly Input[]> {
  const images =
    folder === undefined
      ? randomImages(count, preprocessing)
      : await imagesOf(folder, count, preprocessing);
  return images.map((image) => ({ ...image, nhwc: normalise(image.pixels, preprocessing) }));
}

type Image = Pick<Input, 'name' | 'pixels'>;

async function imagesOf(folder: string, count: number, preprocessing: Preprocessing) {
  const files = await imageFiles(folder);
  const step = Math.max(1, Math.floor(files.length / count));
  const images: Image[] = [];
  for (const { path } of files.filter((_, i) => i % step === 0).slice(0, count)) {
    images.push({ name: basename(path), pixels: await decodeFile(path, preprocessing) });
  }
  return images;
}

/** A random image consists of squares of this size, pixels, since white noise has no structure. */
const PATCH = 16;

function randomImages(count: number, { crop }: Preprocessing): Image[] {
  const random = seededRandom(7);
  const side = Math.ceil(crop / PATCH);
  return Array.from({ length: count }, (_, index) => {
    const patches = Float64Array.from({ length: side * side * 3 }, random);
    const pixels = new Uint8Array(crop * crop * 3);
    for (let i = 0; i < pixels.length; i++) {
      const [y, x, c] = [Math.floor(i / (crop * 3)), Math.floor(i / 3) % crop, i % 3];
      const patch = Math.floor(y / PATCH) * side + Math.floor(x / PATCH);
      pixels[i] = Math.floor(224 * patches[patch * 3 + c]! + 32 * random());
    }
    return { name: `random ${index + 1}`, pixels };
  });
}
