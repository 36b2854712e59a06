/**
 * Compares the answers of float32 and int8.
 * @module
 */

import type { AnswerLayer, QuantizationStep } from '@hebb/model';
import { HebbError } from '@hebb/model/errors';
import type { Manifest, MeanAveragePrecision } from '@hebb/model/package/manifest';
import { chosen, meanAveragePrecision, overlap } from '../evaluate/multi-label.ts';

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
  /** Of a multi-label package instead, percent. */
  readonly meanAveragePrecision?: Required<MeanAveragePrecision>;
  /** Percent of images with the same top-1 answer; of a multi-label package, mean overlap of the labels. */
  readonly agreement: number;
}

/** What an image shows: a class, or of multi-label data all classes. */
type Truth = number | readonly number[];

/**
 * Counts answers image by image. Only the answers of multi-label packages are kept in memory, because average
 * precision is one of the whole ranking.
 */
export class ComparisonCounter {
  #images = 0;
  #labelled = 0;
  #agreed = 0;
  readonly #float = { top1: 0, top5: 0 };
  readonly #int8 = { top1: 0, top5: 0 };
  readonly #several: Pick<Manifest, 'labels'> | undefined;
  readonly #kept: { float: number[]; int8: number[]; sets: (readonly number[])[] };

  /** @param manifest of the package; absent: one class for an image */
  constructor(manifest?: Pick<Manifest, 'labels' | 'network'>) {
    this.#several = manifest?.network.output === 'sigmoid' ? manifest : undefined;
    this.#kept = { float: [], int8: [], sets: [] };
  }

  /**
   * Adds an image. Throws `invalid_package` when a probability is not finite.
   * @param float probabilities [classes] of the float32 network
   * @param int8 probabilities [classes] of the int8 engine
   * @param truth the correct class or classes, if known
   */
  add(float: Float32Array, int8: Float32Array, truth: Truth | undefined): void {
    if (![...float, ...int8].every(Number.isFinite)) {
      throw new HebbError('invalid_package', 'The model’s probabilities are not finite.', {
        hint: 'Its weights are broken, or its training diverged: train or import it again.',
      });
    }
    this.#images++;
    if (this.#several) {
      const { labels } = this.#several;
      this.#agreed += overlap(chosen(float, labels), chosen(int8, labels));
      if (typeof truth !== 'object') return;
      this.#labelled++;
      this.#kept.float.push(...float);
      this.#kept.int8.push(...int8);
      this.#kept.sets.push(truth);
      return;
    }
    const [a, b] = [topK(float, 5), topK(int8, 5)];
    if (a[0] === b[0]) this.#agreed++;
    if (typeof truth !== 'number') return;
    const label = truth;
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
      ...(this.#labelled === 0 ? {} : this.#several ? this.#ranked(this.#several) : measured),
      agreement: percent(this.#agreed, this.#images),
    };
  }

  #ranked({ labels }: Pick<Manifest, 'labels'>): Pick<Comparison, 'meanAveragePrecision'> {
    const { sets } = this.#kept;
    const of = (precision: 'float' | 'int8') =>
      100 *
      meanAveragePrecision({
        classes: labels.length,
        sets,
        labels: new Int32Array(sets.length),
        probabilities: Float32Array.from(this.#kept[precision]),
      });
    return { meanAveragePrecision: { float: of('float'), int8: of('int8') } };
  }
}

/** How close one set of logits is to another; each image's mean is subtracted for the noise, as softmax does. */
export type Closeness = Omit<QuantizationStep, 'step' | 'taken'>;

/**
 * Compares logits [classes] image by image. Networks that end in sigmoid are compared class by class: the
 * divergence is the sum over the classes, and the answer is the set of classes above one half.
 * @param labels the correct classes, where they are known
 */
export function closeness(
  float: readonly Float32Array[],
  int8: readonly Float32Array[],
  labels: readonly (number | undefined)[],
  answer: AnswerLayer = 'softmax',
): Closeness {
  const several = answer === 'sigmoid';
  let [divergence, signal, noise, agreed, labelled, lost] = [0, 0, 0, 0, 0, 0];
  for (const [i, a] of float.entries()) {
    const b = int8[i]!;
    const [meanA, meanB] = several ? [0, 0] : [mean(a), mean(b)];
    for (let c = 0; c < a.length; c++) {
      signal += (a[c]! - meanA) ** 2;
      noise += (a[c]! - meanA - b[c]! + meanB) ** 2;
    }
    divergence += several ? binaryDivergence(a, b) : softmaxDivergence(a, b);
    if (several) {
      if (a.every((logit, c) => logit > 0 === b[c]! > 0)) agreed++;
      continue;
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
    // Without noise 200, even where there is no signal: a manifest cannot hold NaN.
    decibels: noise > 0 ? Math.max(-200, Math.min(200, 10 * Math.log10(signal / noise))) : 200,
    agreement: (100 * agreed) / float.length,
    ...(labelled > 0 && { loss: (100 * lost) / labelled }),
  };
}

const mean = (values: Float32Array): number => values.reduce((a, b) => a + b, 0) / values.length;

const topOf = (values: Float32Array): number =>
  values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);

/** Kullback–Leibler divergence of the distributions of logits, nats. */
function softmaxDivergence(a: Float32Array, b: Float32Array): number {
  const [p, q] = [logProbabilities(a), logProbabilities(b)];
  return p.reduce((sum, logP, c) => sum + Math.exp(logP) * (logP - q[c]!), 0);
}

/** The same with sigmoid: the sum over the classes, each a distribution of two outcomes. */
const binaryDivergence = (a: Float32Array, b: Float32Array): number =>
  a.reduce(
    (sum, logit, c) =>
      sum + softmaxDivergence(Float32Array.of(logit, 0), Float32Array.of(b[c]!, 0)),
    0,
  );

/** Logarithms of softmax, float64. */
function logProbabilities(logits: Float32Array): Float64Array {
  const top = logits[topOf(logits)]!;
  const sum = logits.reduce((s, logit) => s + Math.exp(logit - top), 0);
  return Float64Array.from(logits, (logit) => logit - top - Math.log(sum));
}

/** The answer of logits [classes], float32. */
export const probabilities = (
  logits: Float32Array,
  answer: AnswerLayer = 'softmax',
): Float32Array =>
  answer === 'sigmoid'
    ? logits.map((logit) => 1 / (1 + Math.exp(-logit)))
    : Float32Array.from(logProbabilities(logits), Math.exp);
