/**
 * A classifier on frozen features: softmax regression, or logistic regression of each class for multi-label
 * data, by SGD in plain TypeScript. Its cost is small beside that of the features, so it needs no library.
 *
 * It trains on standardised features. The trunk's own features, after ReLU and averaging, share a mean
 * far larger than the differences between classes, and gradient descent would spend its steps on that.
 * @module
 */
import { HebbError } from '@hebb/model';
import { derivedSeed, seededNormal, shuffled } from '../random/random.ts';
import {
  type Balance,
  balancedOrder,
  classBalances,
  classWeights,
  prevalences,
} from './balance.ts';
import type { TrainConfig } from './config.ts';
import type { Features } from './features.ts';
import { learningRate } from './schedule.ts';
import { RecallCounter, type Validation, validationOf } from './validate.ts';

/** The layer `linear`. */
export interface Head {
  /** float32 [width, classes], row-major. */
  readonly kernel: Float32Array;
  /** float32 [classes]. */
  readonly bias: Float32Array;
}

export type HeadEpoch = Validation & {
  /** 1 for the first. */
  readonly epoch: number;
  /** Mean training loss, nats. */
  readonly loss: number;
  /** Absent for multi-label data. */
  readonly trainTop1?: number;
  readonly rate: number;
};

type HeadConfig = Pick<
  TrainConfig,
  'headEpochs' | 'batchSize' | 'momentum' | 'weightDecay' | 'labelSmoothing' | 'seed'
> & { readonly balance?: Balance };

/** Trains for `headEpochs`. Returns the classifier for features that are not standardised. */
export function trainHead(
  train: Features,
  val: Features,
  classes: number,
  config: HeadConfig,
  onEpoch: (epoch: HeadEpoch) => void,
): Head {
  const { width, views } = train;
  const standard = standardOf(train.data, width);
  const features = standardised(train.data, standard);
  // Features have unit mean square, so a vector's squared length is about `width`.
  const fullRate = 1 / width;
  const normal = seededNormal(derivedSeed(config.seed, 11));
  const kernel = Float32Array.from({ length: width * classes }, () => 0.01 * normal());
  const { sets } = train;
  const answer = sets ? sigmoids : softmax;
  const bias =
    sets && config.balance !== 'weights' ? priorBias(sets, classes) : new Float32Array(classes);
  const velocity = { kernel: new Float32Array(kernel.length), bias: new Float32Array(classes) };
  const samples = Array.from({ length: train.labels.length * views }, (_, i) => i);
  const sampled = samples.map((sample) => train.labels[Math.floor(sample / views)]!);
  const targets = targetsOf(train, classes, config);
  const probabilities = new Float32Array(classes);
  const gradient = { kernel: new Float32Array(kernel.length), bias: new Float32Array(classes) };

  const head = (): Head => onRawFeatures({ kernel, bias }, standard);

  for (let epoch = 0; epoch < config.headEpochs; epoch++) {
    const order =
      config.balance === 'sampling'
        ? balancedOrder(sampled, samples.length, config.seed, epoch)
        : shuffled(samples, derivedSeed(config.seed, 12, epoch));
    let [loss, right, rate] = [0, 0, 0];
    for (let first = 0; first < order.length; first += config.batchSize) {
      const batch = order.slice(first, first + config.batchSize);
      rate = learningRate(epoch + first / order.length, {
        rate: fullRate,
        schedule: 'cosine',
        warmup: 0,
        epochs: config.headEpochs,
      });
      gradient.kernel.fill(0);
      gradient.bias.fill(0);
      for (const sample of batch) {
        const x = features.subarray(sample * width, (sample + 1) * width);
        const image = Math.floor(sample / views);
        forward(x, kernel, bias, probabilities, answer);
        const { target, weight, loss: own } = targets(image);
        loss += own(probabilities);
        if (!sets && isTop(probabilities, train.labels[image]!)) right++;
        for (let c = 0; c < classes; c++) {
          const error = (weight(c) * (probabilities[c]! - target(c))) / batch.length;
          gradient.bias[c]! += error;
          probabilities[c] = error; // reused below for the kernel's gradient
        }
        for (let i = 0, at = 0; i < width; i++) {
          const value = x[i]!;
          for (let c = 0; c < classes; c++, at++) gradient.kernel[at]! += value * probabilities[c]!;
        }
      }
      descend(kernel, velocity.kernel, gradient.kernel, rate, config.weightDecay, config.momentum);
      descend(bias, velocity.bias, gradient.bias, rate, 0, config.momentum);
    }
    if (!Number.isFinite(loss)) throw noNumbers();
    onEpoch({
      epoch: epoch + 1,
      loss: loss / order.length,
      ...(sets ? {} : { trainTop1: right / order.length }),
      ...evaluateHead(val, head(), classes),
      rate,
    });
  }
  return head();
}

/** Targets, weights and loss of an image. */
interface Target {
  /** Of a class, 0 to 1, after label smoothing. */
  readonly target: (label: number) => number;
  /** Of a class's error. */
  readonly weight: (label: number) => number;
  /** The weighted loss of these probabilities, without label smoothing. */
  readonly loss: (probabilities: Float32Array) => number;
}

function targetsOf(
  { labels, sets }: Features,
  classes: number,
  { labelSmoothing: smoothing, balance }: HeadConfig,
): (image: number) => Target {
  const logOf = (p: number) => Math.log(Math.max(p, 1e-12));
  if (!sets) {
    const weights = balance === 'weights' ? classWeights(labels, classes) : undefined;
    return (image) => {
      const label = labels[image]!;
      const weight = weights?.[label] ?? 1;
      return {
        target: (c) => smoothing / classes + (c === label ? 1 - smoothing : 0),
        weight: () => weight,
        loss: (probabilities) => -weight * logOf(probabilities[label]!),
      };
    };
  }
  const balances = balance === 'weights' ? classBalances(sets, classes) : undefined;
  return (image) => {
    const shown = new Set(sets[image]!);
    const weight = (c: number) =>
      balances === undefined ? 1 : balances[c]![shown.has(c) ? 'shown' : 'absent'];
    return {
      target: (c) => smoothing / 2 + (shown.has(c) ? 1 - smoothing : 0),
      weight,
      loss: (probabilities) =>
        probabilities.reduce((sum, p, c) => sum - weight(c) * logOf(shown.has(c) ? p : 1 - p), 0),
    };
  };
}

/**
 * The logit of each class's share of the images: a classifier starts from there, instead of from one half,
 * which rare classes would first have to unlearn (Lin et al. 2017, section 3.3).
 */
export function priorBias(sets: readonly (readonly number[])[], classes: number): Float32Array {
  const least = 1 / (sets.length + 2);
  return Float32Array.from(prevalences(sets, classes), (share) => {
    const p = Math.min(Math.max(share, least), 1 - least);
    return Math.log(p / (1 - p));
  });
}

/**
 * Measures the classifier on unmirrored images. Throws `training_diverged` when a probability is not
 * finite.
 */
export function evaluateHead(
  { data, labels, sets, views, width }: Features,
  { kernel, bias }: Head,
  classes: number,
): Validation {
  if (sets) {
    const all = new Float32Array(sets.length * classes);
    for (const image of sets.keys()) {
      const at = image * views * width;
      const row = all.subarray(image * classes, (image + 1) * classes);
      forward(data.subarray(at, at + width), kernel, bias, row, sigmoids);
    }
    if (!all.every(Number.isFinite)) throw noNumbers();
    return validationOf({ classes, labels, sets, probabilities: all });
  }
  const probabilities = new Float32Array(classes);
  let [loss, top1, top5] = [0, 0, 0];
  const recall = new RecallCounter();
  labels.forEach((label, image) => {
    const at = image * views * width;
    forward(data.subarray(at, at + width), kernel, bias, probabilities, softmax);
    if (!probabilities.every(Number.isFinite)) throw noNumbers();
    loss -= Math.log(Math.max(probabilities[label]!, 1e-12));
    const before = probabilities.filter((p) => p > probabilities[label]!).length;
    recall.add(label, before < 1);
    if (before < 1) top1++;
    if (before < 5) top5++;
  });
  const n = Math.max(labels.length, 1);
  return {
    valLoss: loss / n,
    valTop1: top1 / n,
    valTop5: top5 / n,
    valRecall: recall.mean(),
    valRecalls: recall.perClass(classes),
  };
}

/** Features are standardised, so the rate cannot be the cause: the trunk's weights are. */
const noNumbers = (): HebbError =>
  new HebbError('training_diverged', 'The classifier’s probabilities are not finite.', {
    hint: 'Check the package of --init with hebb eval: its weights may be broken.',
  });

/** The answer to x · kernel + bias into `out` [classes]. */
function forward(
  x: Float32Array,
  kernel: Float32Array,
  bias: Float32Array,
  out: Float32Array,
  answer: (logits: Float32Array) => void,
): void {
  const classes = out.length;
  out.fill(0);
  for (let i = 0, at = 0; i < x.length; i++) {
    const value = x[i]!;
    for (let c = 0; c < classes; c++, at++) out[c]! += value * kernel[at]!;
  }
  for (let c = 0; c < classes; c++) out[c]! += bias[c]!;
  answer(out);
}

/** Each on its own, in place. */
function sigmoids(out: Float32Array): void {
  for (let c = 0; c < out.length; c++) out[c] = 1 / (1 + Math.exp(-out[c]!));
}

/** In place. */
function softmax(out: Float32Array): void {
  const classes = out.length;
  let largest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < classes; c++) largest = Math.max(largest, out[c]!);
  let sum = 0;
  for (let c = 0; c < classes; c++) {
    out[c] = Math.exp(out[c]! - largest);
    sum += out[c]!;
  }
  for (let c = 0; c < classes; c++) out[c]! /= sum;
}

/** SGD with Nesterov's momentum, as in the graph's optimiser. */
function descend(
  weights: Float32Array,
  velocity: Float32Array,
  gradient: Float32Array,
  rate: number,
  decay: number,
  momentum: number,
): void {
  for (let i = 0; i < weights.length; i++) {
    const slope = gradient[i]! + decay * weights[i]!;
    velocity[i] = momentum * velocity[i]! + slope;
    weights[i]! -= rate * (slope + momentum * velocity[i]!);
  }
}

const isTop = (values: Float32Array, index: number): boolean =>
  values.every((value) => value <= values[index]!);

/** Folds the standardisation in: (x − mean) · scale · kernel + bias = x · kernel' + bias'. */
function onRawFeatures({ kernel, bias }: Head, { mean, scale }: Standard): Head {
  const classes = bias.length;
  const scaled = kernel.map((w, at) => w * scale[Math.floor(at / classes)]!);
  const moved = bias.map((b, c) =>
    mean.reduce((sum, m, i) => sum - m * scaled[i * classes + c]!, b),
  );
  return { kernel: scaled, bias: moved };
}

/** Standardises features: (x − mean) · scale. Each float32 [width]. */
interface Standard {
  readonly mean: Float32Array;
  readonly scale: Float32Array;
}

/**
 * Share of the mean deviation that is added to each feature's own. Without it, features that hardly vary
 * would be scaled up to the others, and their noise and int8's rounding with them. On flowers with
 * BVLC's trunk, int8 loses 1.0 points of top-1 at 0.1, and none at 1.
 */
const FLOOR = 1;

/** @param data float32 [n, width] */
function standardOf(data: Float32Array, width: number): Standard {
  const n = Math.max(data.length / width, 1);
  const mean = new Float64Array(width);
  data.forEach((value, at) => {
    mean[at % width]! += value / n;
  });
  const variance = new Float64Array(width);
  data.forEach((value, at) => {
    variance[at % width]! += (value - mean[at % width]!) ** 2 / n;
  });
  const deviation = variance.map(Math.sqrt);
  const floor = (FLOOR * deviation.reduce((sum, value) => sum + value, 0)) / width;
  const scale = deviation.map((value) => 1 / Math.max(value + floor, 1e-9));
  return { mean: Float32Array.from(mean), scale: Float32Array.from(scale) };
}

/** A standardised copy of float32 [n, width]. */
function standardised(data: Float32Array, { mean, scale }: Standard): Float32Array {
  const width = mean.length;
  return data.map((value, at) => (value - mean[at % width]!) * scale[at % width]!);
}
