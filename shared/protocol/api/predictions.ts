/**
 * Top-k: from probabilities to labels.
 * @module
 */
import type { Label } from '@hebb/model/package/manifest';
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
  const order = Array.from(probabilities.keys()).sort(
    (a, b) => probabilities[b]! - probabilities[a]! || a - b,
  );
  return order.slice(0, top).map((index) => ({
    index,
    label: labels[index]!.name,
    score: round(probabilities[index]!, 1e6),
  }));
}

/** Rounds to multiples of 1 / `steps`: 10 leaves one decimal. */
export const round = (value: number, steps: number): number => Math.round(value * steps) / steps;
