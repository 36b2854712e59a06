/**
 * Compares the answers of float32 and int8.
 * @module
 */

import type { QuantizationStep } from '@hebb/model';
import { HebbError } from '@hebb/model/errors';

export interface Accuracy {
  /** Percent of labelled images. */
  readonly top1: number;
  readonly top5: number;
}

/** Indices of the k largest values, largest first; ties go to the lower index. */
export function topK(values: Float32Array, k: number): number[] {
  const order = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]! || a - b);
  return order.slice(0, k);
}

/** The answers of two precisions on the same images, counted. */
export interface Comparison {
  readonly images: number;
  readonly labelled: number;
  /** Of the labelled images; absent when there are none. */
  readonly float?: Accuracy;
  readonly int8?: Accuracy;
  /** Percent of images with the same top-1 answer. */
  readonly agreement: number;
}

/** Counts answers image by image, so that no answer is kept in memory. */
export class ComparisonCounter {
  #images = 0;
  #labelled = 0;
  #agreed = 0;
  readonly #float = { top1: 0, top5: 0 };
  readonly #int8 = { top1: 0, top5: 0 };

  /**
   * Adds an image. Throws `invalid_package` when a probability is not finite.
   * @param float probabilities [classes] of the float32 network
   * @param int8 probabilities [classes] of the int8 engine
   * @param label the correct class, if it is known
   */
  add(float: Float32Array, int8: Float32Array, label: number | undefined): void {
    if (![...float, ...int8].every(Number.isFinite)) {
      throw new HebbError('invalid_package', 'The model’s probabilities are not finite.', {
        hint: 'Its weights are broken, or its training diverged: train or import it again.',
      });
    }
    const [a, b] = [topK(float, 5), topK(int8, 5)];
    this.#images++;
    if (a[0] === b[0]) this.#agreed++;
    if (label === undefined) return;
    this.#labelled++;
    for (const [answer, count] of [[a, this.#float] as const, [b, this.#int8] as const]) {
      if (answer[0] === label) count.top1++;
      if (answer.includes(label)) count.top5++;
    }
  }

  result(): Comparison {
    const percent = (count: number, of: number) => (100 * count) / of;
    const accuracy = ({ top1, top5 }: Accuracy): Accuracy => ({
      top1: percent(top1, this.#labelled),
      top5: percent(top5, this.#labelled),
    });
    const measured = { float: accuracy(this.#float), int8: accuracy(this.#int8) };
    return {
      images: this.#images,
      labelled: this.#labelled,
      ...(this.#labelled > 0 ? measured : {}),
      agreement: percent(this.#agreed, this.#images),
    };
  }
}

/** How close one set of logits is to another; each image's mean is subtracted for the noise, as softmax does. */
export type Closeness = Omit<QuantizationStep, 'step' | 'taken'>;

/**
 * Compares logits [classes] image by image.
 * @param labels the correct classes, where they are known
 */
export function closeness(
  float: readonly Float32Array[],
  int8: readonly Float32Array[],
  labels: readonly (number | undefined)[],
): Closeness {
  let [divergence, signal, noise, agreed, labelled, lost] = [0, 0, 0, 0, 0, 0];
  for (const [i, a] of float.entries()) {
    const b = int8[i]!;
    const [p, q] = [logProbabilities(a), logProbabilities(b)];
    const [meanA, meanB] = [mean(a), mean(b)];
    for (let c = 0; c < a.length; c++) {
      divergence += Math.exp(p[c]!) * (p[c]! - q[c]!);
      signal += (a[c]! - meanA) ** 2;
      noise += (a[c]! - meanA - b[c]! + meanB) ** 2;
    }
    const [x, y] = [topOf(a), topOf(b)];
    if (x === y) agreed++;
    const label = labels[i];
    if (label === undefined) continue;
    labelled++;
    lost += (x === label ? 1 : 0) - (y === label ? 1 : 0);
  }
  return {
    divergence: divergence / float.length,
    decibels: Math.max(-200, Math.min(200, 10 * Math.log10(signal / noise))),
    agreement: (100 * agreed) / float.length,
    ...(labelled > 0 && { loss: (100 * lost) / labelled }),
  };
}

const mean = (values: Float32Array): number => values.reduce((a, b) => a + b, 0) / values.length;

const topOf = (values: Float32Array): number =>
  values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);

/** Logarithms of softmax, float64. */
function logProbabilities(logits: Float32Array): Float64Array {
  const top = logits[topOf(logits)]!;
  const sum = logits.reduce((s, logit) => s + Math.exp(logit - top), 0);
  return Float64Array.from(logits, (logit) => logit - top - Math.log(sum));
}

/** Softmax of logits [classes], float32. */
export const probabilities = (logits: Float32Array): Float32Array =>
  Float32Array.from(logProbabilities(logits), Math.exp);
