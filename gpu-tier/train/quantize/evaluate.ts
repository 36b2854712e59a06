/**
 * Compares the answers of float32 and int8.
 * @module
 */

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

/** Kullback–Leibler divergence of `q` from `p`, distributions [classes], nats. */
export function divergence(p: Float32Array, q: Float32Array): number {
  return p.reduce(
    (sum, pi, i) => sum + (pi > 0 ? pi * Math.log(pi / Math.max(q[i]!, 1e-12)) : 0),
    0,
  );
}
