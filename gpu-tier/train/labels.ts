import { derivedSeed, seededRandom, symmetricBeta } from '../random/random.ts';

export interface SoftLabels {
  /** float32 [n · classes]; each row sums to 1. */
  readonly labels: Float32Array;
  /** float32 [n]: share of each image in its mix; 1 without mixup. */
  readonly shares: Float32Array;
}

export interface SoftLabelOptions {
  readonly classes: number;
  /** ε: a class gets 1 − ε + ε / classes, the others ε / classes (Szegedy et al. 2016, section 7). */
  readonly labelSmoothing: number;
  /** α of Beta(α, α); 0: none. */
  readonly mixup: number;
}

/**
 * What the network shall answer for a batch. With mixup, one share λ is drawn for the batch, and image
 * i is mixed with image n − 1 − i (Zhang et al. 2018).
 */
export function softLabels(
  classes: Int32Array,
  { classes: count, labelSmoothing, mixup }: SoftLabelOptions,
  seed: number,
): SoftLabels {
  const n = classes.length;
  const share = mixup > 0 ? symmetricBeta(mixup, seededRandom(derivedSeed(seed, 7))) : 1;
  const labels = new Float32Array(n * count).fill(labelSmoothing / count);
  for (let i = 0; i < n; i++) {
    labels[i * count + classes[i]!]! += (1 - labelSmoothing) * share;
    labels[i * count + classes[n - 1 - i]!]! += (1 - labelSmoothing) * (1 - share);
  }
  return { labels, shares: new Float32Array(n).fill(share) };
}
