/**
 * Top-k: from probabilities to labels.
 * @module
 */
import type { Prediction } from '../shared/model/api/classification.ts';
import type { Label } from '../shared/model/package/manifest.ts';

export type { Prediction };

/** The `top` highest of probabilities, [classes], highest first; scores are rounded to millionths. */
export function predictionsOf(
  labels: readonly Label[],
  probabilities: Float32Array,
  top: number,
): Prediction[] {
  return best(probabilities, top).map((index) => ({
    index,
    label: labels[index]!.name,
    score: round(probabilities[index]!, 1e6),
  }));
}

/** Indices of the `count` largest values, largest first; ties by index. */
function best(values: Float32Array, count: number): number[] {
  const order = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]! || a - b);
  return order.slice(0, count);
}

/** @param steps per unit: 10 rounds to one decimal */
export const round = (value: number, steps: number): number => Math.round(value * steps) / steps;
