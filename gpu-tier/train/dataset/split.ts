/**
 * Chooses the validation images of a data set without a split.
 * @module
 */
import { createHash } from 'node:crypto';

/** Defaults of a split, in training and in evaluation. */
export const SPLIT = { valShare: 0.15, seed: 1 } as const;

/**
 * Splits the images of one class by a hash of seed and content. A renamed file stays on its side, an
 * additional file moves few others, and copies of an image are always on the same side.
 * @param valShare share for validation. Unless it is 0, at least one image goes to each side if there
 * are two
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

/**
 * The class by which an image is split: the rarest of its labels, so that rare classes have images on both sides;
 * undefined without a label.
 */
export function rarestOf<Image, Label>(
  images: readonly Image[],
  labelsOf: (image: Image) => readonly Label[],
): (image: Image) => Label | undefined {
  const counts = new Map<Label, number>();
  for (const label of images.flatMap(labelsOf)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return (image) => {
    const [first, ...others] = labelsOf(image);
    return others.reduce(
      (rarest, label) => (counts.get(label)! < counts.get(rarest!)! ? label : rarest),
      first,
    );
  };
}
