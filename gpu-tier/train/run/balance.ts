/**
 * Unequal classes: a network that sees one class ten times as often as another learns to prefer it.
 * @module
 */
import { derivedSeed, shuffled } from '../random/random.ts';

/**
 * `weights`: the loss of an image is multiplied by a weight of its class. `sampling`: each class is drawn
 * equally often. Both give each class the same part in the training.
 */
export const BALANCES = ['none', 'weights', 'sampling'] as const;
export type Balance = (typeof BALANCES)[number];

/** Purposes of derived seeds, apart from those of sampler.ts, epoch.ts and head.ts. */
const ROUND = 21;
const MIX = 22;

/**
 * The weight of each class, float32 [classes]: its inverse frequency, scaled so that the mean over all
 * images is 1 and the learning rate keeps its meaning. A class without images gets 0.
 * @param labels the class of each training image
 * @example
 * classWeights([0, 0, 0, 1], 2); // 2/3 and 2
 */
export function classWeights(labels: ArrayLike<number>, classes: number): Float32Array {
  const counts = new Float64Array(classes);
  for (let i = 0; i < labels.length; i++) counts[labels[i]!]!++;
  const present = counts.filter((n) => n > 0).length;
  return Float32Array.from(counts, (n) => (n > 0 ? labels.length / (present * n) : 0));
}

/** Weights of the loss of one class's question: of the images that show it, and of the others. */
export interface ClassBalance {
  readonly shown: number;
  readonly absent: number;
}

/**
 * The same for multi-label data: each class weighs its images and the others equally, with a mean of 1 over
 * all images.
 * @param sets the classes of each training image
 */
export function classBalances(
  sets: readonly (readonly number[])[],
  classes: number,
): ClassBalance[] {
  return prevalences(sets, classes).map((share) => {
    const known = share > 0 && share < 1;
    return { shown: known ? 0.5 / share : 1, absent: known ? 0.5 / (1 - share) : 1 };
  });
}

/** The share of the images that show each class. */
export function prevalences(sets: readonly (readonly number[])[], classes: number): number[] {
  const counts = Array<number>(classes).fill(0);
  for (const label of sets.flat()) counts[label]!++;
  return counts.map((count) => count / sets.length);
}

/**
 * The items of an epoch, `count` indices in random order, with each class equally often (to within one).
 * A class is drawn without replacement until all its items were drawn, then again in a new order, across
 * epochs: a large class loses no image in the long run. Only seed and epoch decide the draw, so a resumed
 * run sees the same items.
 * @param labels the class of each item
 */
export function balancedOrder(
  labels: ArrayLike<number>,
  count: number,
  seed: number,
  epoch: number,
): number[] {
  const items = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const own = items.get(labels[i]!);
    if (own) own.push(i);
    else items.set(labels[i]!, [i]);
  }
  const classes = [...items].sort(([a], [b]) => a - b);
  const share = Math.floor(count / classes.length);
  const left = count % classes.length; // classes that are drawn once more, others in each epoch
  const drawn = classes.flatMap(([label, own], place) => {
    const once = (place + classes.length - ((epoch * left) % classes.length)) % classes.length;
    const wanted = share + (once < left ? 1 : 0);
    return draws(own, epoch * (share + 1), wanted, derivedSeed(seed, ROUND, label));
  });
  return shuffled(drawn, derivedSeed(seed, MIX, epoch));
}

/** The draws `first` … `first + count` of a class: its items in round after round of random order. */
function draws(own: readonly number[], first: number, count: number, seed: number): number[] {
  const drawn: number[] = [];
  let round = Math.floor(first / own.length);
  let at = first % own.length;
  for (; drawn.length < count; round++, at = 0) {
    drawn.push(...shuffled(own, derivedSeed(seed, round)).slice(at, at + count - drawn.length));
  }
  return drawn;
}
