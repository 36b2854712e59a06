/**
 * Which images validate when the data set does not say.
 * @module
 */
import { createHash } from 'node:crypto';

/** What decides a split where nothing else is said, in training and in measuring alike. */
export const SPLIT = { valShare: 0.15, seed: 1 } as const;

/**
 * Splits the images of one class. A hash of seed and content decides, not the name or the order: a
 * renamed file stays on its side, a file more moves few others, and copies of one image never come
 * to lie on both sides.
 * @param valShare share that validates; at least one image does, unless it is 0, and one is left
 */
export function splitClass<T extends { readonly sha256: string }>(
  images: readonly T[],
  valShare: number,
  seed: number,
): { train: T[]; val: T[] } {
  const rank = (sha256: string) => createHash('sha256').update(`${seed} ${sha256}`).digest('hex');
  const ranked = images
    .map((image) => ({ image, rank: rank(image.sha256) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0));
  const wanted = valShare === 0 ? 0 : Math.max(1, Math.round(images.length * valShare));
  let count = Math.max(0, Math.min(wanted, images.length - 1));
  while (count > 0 && ranked[count]!.rank === ranked[count - 1]!.rank) count--;
  const sorted = ranked.map(({ image }) => image);
  return { train: sorted.slice(count), val: sorted.slice(0, count) };
}
