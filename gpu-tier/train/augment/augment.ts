/**
 * Augments one training image; the seed decides how.
 * @module
 */

import type { RgbImage } from '@hebb/model/preprocess/preprocessing';
import { toInput } from '@hebb/model/preprocess/resize';
import { derivedSeed, seededRandom } from '../random/random.ts';
import type { AugmentOptions } from './batch.ts';
import { changeColour, changesColour, drawColour } from './colour.ts';
import { randomCrop } from './crop.ts';
import { erase, trivialAugment } from './trivial.ts';

/** Each purpose has its own random numbers, so that one option does not shift the draws of another. */
const PURPOSE = { crop: 1, mirror: 2, colour: 3, trivial: 4, erase: 5 } as const;

/**
 * A random crop of the image, resized by the edge's own antialiased resize, perhaps mirrored, with
 * changed colours.
 * @returns uint8 RGB [size, size, 3]
 */
export function augmentImage(
  image: RgbImage,
  options: AugmentOptions,
  seed: number,
  size: number,
): Uint8Array<ArrayBuffer> {
  const random = (purpose: number) => seededRandom(derivedSeed(seed, purpose));
  const extent = randomCrop(image, options, random(PURPOSE.crop));
  const pixels = toInput({ ...image, extent }, { resize: { rule: 'warp', size }, crop: size });
  if (options.mirror && random(PURPOSE.mirror)() < 0.5) mirror(pixels, size);
  if (changesColour(options)) changeColour(pixels, drawColour(options, random(PURPOSE.colour)));
  if (options.trivialAugment) trivialAugment(pixels, size, random(PURPOSE.trivial));
  if (options.erasing > 0) {
    const draw = random(PURPOSE.erase);
    if (draw() < options.erasing) erase(pixels, size, draw);
  }
  return pixels;
}

/** Swaps left and right, in place. */
export function mirror(pixels: Uint8Array, width: number): void {
  for (let row = 0; row < pixels.length; row += width * 3) {
    for (let left = row, right = row + (width - 1) * 3; left < right; left += 3, right -= 3) {
      for (let c = 0; c < 3; c++) {
        const value = pixels[left + c]!;
        pixels[left + c] = pixels[right + c]!;
        pixels[right + c] = value;
      }
    }
  }
}
