/**
 * A classifier on frozen features: softmax regression by SGD in plain TypeScript. Its cost is small
 * beside that of the features, so it needs no library.
 *
 * It trains on standardised features. The trunk's own features, after ReLU and averaging, share a mean
 * far larger than the differences between classes, and gradient descent would spend its steps on that.
 * @module
 */
import { HebbError } from '@hebb/model';
import { derivedSeed, seededNormal, shuffled } from '../random/random.ts';
import { type Balance, balancedOrder, classWeights } from './balance.ts';
import type { TrainConfig } from './config.ts';
import type { Features } from './features.ts';
import { learningRate } from './schedule.ts';
import { RecallCounter } from './validate.ts';

/** The layer `linear`. */
export interface Head {
  /** float32 [width, classes], row-major. */
  readonly kernel: Float32Array;
  /** float32 [classes]. */
  readonly bias: Float32Array;
}

export interface HeadEpoch {
  /** 1 for the first. */
  readonly epoch: number;
  /** Mean training loss, nats. */
  readonly loss: number;
  readonly trainTop1: number;
  readonly valLoss: number;
  readonly valTop1: number;
  readonly valTop5: number;
  readonly valRecall: number;
  readonly valRecalls: readonly (number | null)[];
  readonly rate: number;
}

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
  const bias = new Float32Array(classes);
  const velocity = { kernel: new Float32Array(kernel.length), bias: new Float32Array(classes) };
  const samples = Array.from({ length: train.labels.length * views }, (_, i) => i);
  const sampled = samples.map((sample) => train.labels[Math.floor(sample / views)]!);
  const weights = config.balance === 'weights' ? classWeights(train.labels, classes) : undefined;
  const smoothing = config.labelSmoothing;
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
        const label = train.labels[Math.floor(sample / views)]!;
        const weight = weights?.[label] ?? 1;
        forward(x, kernel, bias, probabilities);
        loss -= weight * Math.log(Math.max(probabilities[label]!, 1e-12));
        if (isTop(probabilities, label)) right++;
        for (let c = 0; c < classes; c++) {
          const target = smoothing / classes + (c === label ? 1 - smoothing : 0);
          const error = (weight * (probabilities[c]! - target)) / batch.length;
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
      trainTop1: right / order.length,
      ...evaluateHead(val, head(), classes),
      rate,
    });
  }
  return head();
}

/**
 * Measures the classifier on unmirrored images. Throws `training_diverged` when a probability is not
 * finite.
 */
export function evaluateHead(
  { data, labels, views, width }: Features,
  { kernel, bias }: Head,
  classes: number,
): Pick<HeadEpoch, 'valLoss' | 'valTop1' | 'valTop5' | 'valRecall' | 'valRecalls'> {
  const probabilities = new Float32Array(classes);
  let [loss, top1, top5] = [0, 0, 0];
  const recall = new RecallCounter();
  labels.forEach((label, image) => {
    const at = image * views * width;
    forward(data.subarray(at, at + width), kernel, bias, probabilities);
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

/** softmax(x · kernel + bias) into `out` [classes]. */
function forward(
  x: Float32Array,
  kernel: Float32Array,
  bias: Float32Array,
  out: Float32Array,
): void {
  const classes = out.length;
  out.fill(0);
  for (let i = 0, at = 0; i < x.length; i++) {
    const value = x[i]!;
    for (let c = 0; c < classes; c++, at++) out[c]! += value * kernel[at]!;
  }
  let largest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < classes; c++) {
    out[c]! += bias[c]!;
    largest = Math.max(largest, out[c]!);
  }
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
