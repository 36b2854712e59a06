/**
 * Top-k: from probabilities to labels.
 * @module
 */
import type { NetworkSpec } from '@hebb/model/network/googlenet';
import { type Label, thresholdOf } from '@hebb/model/package/manifest';
import type { Prediction } from './classification.ts';

/**
 * The `top` most likely classes, best first; of equals the one with the lower index.
 * @param probabilities float32 [classes]
 * @returns scores rounded to millionths
 */
export function predictionsOf(
  labels: readonly Label[],
  probabilities: Float32Array,
  top: number,
): Prediction[] {
  const order = bestFirst([...probabilities.keys()], probabilities);
  return order.slice(0, top).map((index) => predictionOf(labels, probabilities, index));
}

/**
 * The classes that an image shows by a multi-label model: those that reach their threshold, best first.
 * Undefined for other models.
 */
export function labelsOf(
  { labels, network }: { readonly labels: readonly Label[]; readonly network: NetworkSpec },
  probabilities: Float32Array,
): Prediction[] | undefined {
  if (network.output !== 'sigmoid') return undefined;
  const chosen = [...probabilities.keys()].filter(
    (index) => probabilities[index]! >= thresholdOf(labels[index]!),
  );
  return bestFirst(chosen, probabilities).map((index) =>
    predictionOf(labels, probabilities, index),
  );
}

const bestFirst = (indices: number[], probabilities: Float32Array): number[] =>
  indices.sort((a, b) => probabilities[b]! - probabilities[a]! || a - b);

const predictionOf = (
  labels: readonly Label[],
  probabilities: Float32Array,
  index: number,
): Prediction => ({
  index,
  label: labels[index]!.name,
  score: round(probabilities[index]!, 1e6),
});

/** Rounds to multiples of 1 / `steps`: 10 leaves one decimal. */
export const round = (value: number, steps: number): number => Math.round(value * steps) / steps;
