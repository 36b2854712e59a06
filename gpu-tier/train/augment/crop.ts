/**
 * Random crops of training images (paper, section 6).
 * @module
 */
import type { Extent } from '@hebb/model/preprocess/resize';
import type { AugmentOptions } from './batch.ts';

const TRIES = 10;

/**
 * A rectangle of random area and aspect at a random place: the first of up to ten draws that fits, else
 * the largest centred rectangle of an allowed aspect (as torchvision's RandomResizedCrop). The aspect
 * is drawn on a logarithmic scale, so that 3/4 is as likely as 4/3.
 * @returns whole pixels inside the image
 */
export function randomCrop(
  { width, height }: { readonly width: number; readonly height: number },
  { area, aspect }: Pick<AugmentOptions, 'area' | 'aspect'>,
  random: () => number,
): Extent {
  const between = (from: number, to: number) => from + (to - from) * random();
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const pixels = width * height * between(area[0], area[1]);
    const ratio = Math.exp(between(Math.log(aspect[0]), Math.log(aspect[1])));
    const w = Math.round(Math.sqrt(pixels * ratio));
    const h = Math.round(Math.sqrt(pixels / ratio));
    if (w < 1 || h < 1 || w > width || h > height) continue;
    const left = Math.floor(random() * (width - w + 1));
    const top = Math.floor(random() * (height - h + 1));
    return { left, top, width: w, height: h };
  }
  return centreCrop(width, height, aspect);
}

function centreCrop(width: number, height: number, [low, high]: readonly [number, number]): Extent {
  const ratio = Math.min(Math.max(width / height, low), high);
  const w = Math.max(1, Math.min(width, Math.round(height * ratio)));
  const h = Math.max(1, Math.min(height, Math.round(width / ratio)));
  return { left: (width - w) >> 1, top: (height - h) >> 1, width: w, height: h };
}
