/**
 * How the images of a batch are mixed in pairs: image i with image n − 1 − i. One weight is drawn for the batch.
 * @module
 */
import { derivedSeed, seededRandom, symmetricBeta } from '../random/random.ts';

interface MixOptions {
  /** α of Beta(α, α) for mixup; 0: none. */
  readonly mixup: number;
  /** α of Beta(α, α) for cutmix; 0: none. */
  readonly cutmix: number;
}

/** A rectangle of whole pixels; right and bottom are exclusive. */
interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Mix {
  /** Weight of an image's own label, 0 to 1. */
  readonly share: number;
  /** With cutmix: the part that comes from the other image. Without it the pixels are averaged. */
  readonly rectangle?: Rectangle;
}

/**
 * Draws how a batch is mixed: mixup (Zhang et al. 2018) averages the images, cutmix (Yun et al. 2019)
 * exchanges a rectangle and weighs the labels by its area. With both, a coin decides for each batch.
 * @param size side of the images, pixels
 */
export function drawMix({ mixup, cutmix }: MixOptions, size: number, seed: number): Mix {
  const random = seededRandom(derivedSeed(seed, 7));
  const cut = cutmix > 0 && (mixup === 0 || seededRandom(derivedSeed(seed, 8))() < 0.5);
  if (!cut) return { share: mixup > 0 ? symmetricBeta(mixup, random) : 1 };
  const side = size * Math.sqrt(1 - symmetricBeta(cutmix, random));
  const from = (centre: number) => Math.round(Math.min(size, Math.max(0, centre - side / 2)));
  const to = (centre: number) => Math.round(Math.min(size, Math.max(0, centre + side / 2)));
  const [x, y] = [size * random(), size * random()];
  const rectangle = { left: from(x), top: from(y), right: to(x), bottom: to(y) };
  const area = (rectangle.right - rectangle.left) * (rectangle.bottom - rectangle.top);
  return { share: 1 - area / size ** 2, rectangle };
}

/**
 * Exchanges a rectangle between image i and image n − 1 − i; the middle image of an odd batch keeps its own.
 * @param pixels uint8 RGB [n, size, size, 3], changed in place
 */
export function swapRectangle(
  pixels: Uint8Array,
  size: number,
  { left, top, right, bottom }: Rectangle,
): void {
  const image = size * size * 3;
  const n = pixels.length / image;
  for (let i = 0; i < n >> 1; i++) {
    for (let y = top; y < bottom; y++) {
      const a = i * image + (y * size + left) * 3;
      const b = (n - 1 - i) * image + (y * size + left) * 3;
      const length = (right - left) * 3;
      const own = pixels.slice(a, a + length);
      pixels.copyWithin(a, b, b + length);
      pixels.set(own, b);
    }
  }
}
