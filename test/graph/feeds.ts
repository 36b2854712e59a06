import type { Feed } from '@hebb/tensorflow/graph/session';
import { seededRandom } from '../support/random-weights.ts';
import { tensorflow } from './tensorflow.ts';

/** A generator of seeded numbers between −1 and 1. */
export function uniformNumbers(seed: number): (length: number) => Float32Array<ArrayBuffer> {
  const random = seededRandom(seed);
  return (length) => Float32Array.from({ length }, () => 2 * random() - 1);
}

/** A feed of random float32 numbers with this shape. */
export function feedOf(
  name: string,
  shape: readonly number[],
  numbers: (length: number) => Float32Array<ArrayBuffer>,
): Feed {
  const data = numbers(shape.reduce((product, size) => product * size, 1));
  return { name, dtype: tensorflow().TF_FLOAT, shape, data };
}
