import type { OpenEngine } from './engines/engine.ts';
import type { Input } from './network/inputs.ts';

/** Comparison of an engine's answers with the float reference's. */
export interface Answers {
  readonly images: number;
  /** Images with the same most probable class. */
  readonly sameTop1: number;
  /** Largest difference of a probability. */
  readonly maxDifference: number;
  /** True if the answers are the reference's, within the tolerance of the precision. */
  readonly right: boolean;
}

/** Largest difference of a probability. Float engines differ only in the order of their sums. */
const FLOAT32_TOLERANCE = 1e-3;

/**
 * An int8 engine must give the reference's top-1 class for half of the images, and have it in its top-5
 * for all. Rounding stays within these bounds; another network or a wrong layout does not.
 */
const INT8_AGREEMENT = 0.5;
const INT8_RANK = 5;

/** Runs `engine` on the inputs. `expected` holds the reference's probabilities, float32 [classes] each. */
export async function checkAnswers(
  engine: Pick<OpenEngine, 'classify'>,
  precision: 'float32' | 'int8',
  inputs: readonly Input[],
  expected: readonly Float32Array[],
): Promise<Answers> {
  let sameTop1 = 0;
  let worstRank = 1;
  let maxDifference = 0;
  for (const [i, input] of inputs.entries()) {
    const probabilities = await engine.classify(input);
    const rank = rankOf(indexOfMax(expected[i]!), probabilities);
    if (rank === 1) sameTop1++;
    worstRank = Math.max(worstRank, rank);
    maxDifference = Math.max(maxDifference, distance(probabilities, expected[i]!));
  }
  const right =
    precision === 'float32'
      ? sameTop1 === inputs.length && maxDifference <= FLOAT32_TOLERANCE
      : sameTop1 >= INT8_AGREEMENT * inputs.length && worstRank <= INT8_RANK;
  return { images: inputs.length, sameTop1, maxDifference, right };
}

const indexOfMax = (values: Float32Array): number =>
  values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);

/** 1 for the most probable class. Equal classes share the worse rank. */
const rankOf = (index: number, values: Float32Array): number =>
  values.filter((value) => value >= values[index]!).length;

/** Largest absolute difference; infinite if the lengths differ or a value is NaN. */
function distance(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  const largest = a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i]!)), 0);
  return Number.isNaN(largest) ? Number.POSITIVE_INFINITY : largest;
}
