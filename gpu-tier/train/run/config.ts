/**
 * The configuration of a training run, one flat object: `runs/<id>/config.json` stores it and
 * `hebb train --help` lists its fields.
 * @module
 */
import { type Head, HebbError, type NetworkSpec, type Variant } from '@hebb/model';
import type { Precision } from '@hebb/tensorflow/graph/inference';
import { SPLIT } from '../dataset/split.ts';
import type { Balance } from './balance.ts';

export interface TrainConfig {
  /** Name of the package to write. */
  name: string;
  /** Folder of class folders, or of train/ and val/, or a CSV of path,label. */
  data: string;
  /** Share of the images for validation, when the data have no val/. */
  valShare: number;

  // -- the network --
  variant: Variant;
  /** Between the last module and the classifier. `fullyConnected`: one image size, float32 only. */
  head: Head;
  /** Side of the network's input in validation and serving, pixels. */
  inputSize: number;
  /** `scratch`, or the folder of the package to start from. */
  init: string;
  /** True when that package has batch norm folded into its weights: it is trained without batch norm. */
  folded: boolean;
  /** With both auxiliary classifiers (paper section 5). */
  auxiliary: boolean;

  // -- fine-tuning (init is a package) --
  /** Epochs that train only the classifier, on features that are computed once. */
  headEpochs: number;
  /** The first trained layer of each stage, top layers first; empty: head only. */
  unfreeze: readonly string[];
  /** Factor on the rate of all layers but the classifiers. */
  trunkRate: number;
  /** Factor on the rate for each step down: head → module 5 → module 4 → module 3 → stem. */
  layerDecay: number;
  /**
   * Share of the training images that choose which epoch is kept, or the classifier alone if none is better;
   * 0: the last epoch.
   */
  holdOut: number;

  // -- training for int8 (run/qat.ts), after all else --
  /** Epochs in which the graph simulates int8; 0 or absent (runs of older versions): none. */
  qatEpochs?: number;
  /** Learning rate at their start; it falls to 0 by a cosine. */
  qatRate: number;

  // -- how long, and on what --
  epochs: number;
  batchSize: number;
  /** [share of the epochs, side of the training images until then]: [[0.4, 96], [0.75, 128], [1, 160]]. */
  sizes: readonly (readonly [number, number])[];

  // -- optimiser --
  optimizer: 'sgd' | 'adam' | 'adamw';
  momentum: number;
  nesterov: boolean;
  /** Learning rate after warm-up. */
  rate: number;
  /** `cosine`: to 0. `paper`: 4 % less every 8 epochs. */
  schedule: 'cosine' | 'paper';
  /** Epochs in which the rate grows from 0 to `rate`. */
  warmup: number;
  /** Applies to kernels only. */
  weightDecay: number;
  /** Largest norm of all gradients together; 0: no clipping. */
  clipNorm: number;
  /** Decay of the moving average of the weights per step; 0: no average. */
  average: number;

  // -- labels and images --
  /** An image may show several classes, or none: sigmoid and binary cross-entropy instead of softmax. */
  multiLabel: boolean;
  /** What is done about classes of unequal size. */
  balance: Balance;
  labelSmoothing: number;
  /** α of Beta(α, α); 0: no mixup. */
  mixup: number;
  /** α of Beta(α, α); 0: no cutmix. With both, each batch gets one of them by a coin. */
  cutmix: number;
  area: readonly [number, number];
  aspect: readonly [number, number];
  mirror: boolean;
  brightness: number;
  contrast: number;
  saturation: number;
  hue: number;
  trivialAugment: boolean;
  /** Share of the images in which a rectangle is erased. */
  erasing: number;

  // -- output and machine --
  /** Store the package's float weights in float16, which halves the file. */
  half: boolean;
  /** bf16 has float32 master weights. */
  precision: Precision;
  seed: number;
  /** Threads that decode and augment. */
  threads: number;
  /** Memory for decoded images, MB. */
  cacheMb: number;
  /** Epochs between validations; the last epoch is always validated. */
  validateEvery: number;
}

/** Epochs of `--qat`. */
export const QAT_EPOCHS = 3;

/** From scratch with methods newer than the paper: batch norm, cosine schedule, mixup, growing images. */
const MODERN: Omit<TrainConfig, 'name' | 'data'> = {
  valShare: SPLIT.valShare,
  variant: 'bn5x5',
  head: 'averagePool',
  inputSize: 224,
  init: 'scratch',
  folded: false,
  auxiliary: true,
  headEpochs: 0,
  unfreeze: [],
  trunkRate: 1,
  layerDecay: 0.5,
  holdOut: 0,
  qatEpochs: 0,
  qatRate: 0.0005,
  epochs: 100,
  batchSize: 32,
  sizes: [
    [0.4, 96],
    [0.75, 128],
    [1, 160],
  ],
  optimizer: 'sgd',
  momentum: 0.9,
  nesterov: true,
  rate: 0.1,
  schedule: 'cosine',
  warmup: 5,
  weightDecay: 5e-4,
  clipNorm: 0,
  average: 0.998,
  multiLabel: false,
  balance: 'none',
  labelSmoothing: 0.1,
  mixup: 0.2,
  cutmix: 0,
  area: [0.25, 1],
  aspect: [3 / 4, 4 / 3],
  mirror: true,
  brightness: 0.3,
  contrast: 0.3,
  saturation: 0.3,
  hue: 0,
  trivialAugment: false,
  erasing: 0,
  half: false,
  precision: 'bf16',
  seed: SPLIT.seed,
  threads: 1,
  cacheMb: 2000,
  validateEvery: 5,
};

export const RECIPES = {
  modern: MODERN,
  /**
   * From scratch in minutes, for a first look and for small sets of simple images: a few hundred steps
   * on small images. Adam, because SGD at a rate of 0.1 needs that many steps to recover from its first
   * ones (its loss first rises above that of guessing).
   */
  quick: {
    ...MODERN,
    inputSize: 64,
    auxiliary: false,
    epochs: 10,
    sizes: [[1, 64]],
    optimizer: 'adam',
    nesterov: false,
    rate: 0.001,
    warmup: 1,
    weightDecay: 0,
    average: 0.99,
    mixup: 0,
    area: [0.5, 1],
    validateEvery: 2,
  },
  /** Section 5 of the paper: LRN, SGD with momentum 0.9, 4 % less every 8 epochs, Polyak averaging. */
  paper: {
    ...MODERN,
    variant: 'lrn',
    sizes: [[1, 224]],
    nesterov: false,
    rate: 0.01,
    schedule: 'paper',
    warmup: 0,
    weightDecay: 2e-4,
    clipNorm: 5,
    labelSmoothing: 0,
    mixup: 0,
    area: [0.08, 1],
  },
  /** From a package's weights: the classifier first, then the trunk in stages. */
  transfer: {
    ...MODERN,
    auxiliary: false,
    epochs: 20,
    headEpochs: 30,
    trunkRate: 0.3,
    layerDecay: 0.8,
    holdOut: 0.1,
    sizes: [
      [0.6, 192],
      [1, 224],
    ],
    rate: 0.01,
    warmup: 1,
    weightDecay: 1e-4,
    average: 0.998,
    cutmix: 1,
    area: [0.35, 1],
    brightness: 0,
    contrast: 0,
    saturation: 0,
    trivialAugment: true,
    validateEvery: 1,
  },
} as const satisfies Record<string, Omit<TrainConfig, 'name' | 'data'>>;

export type Recipe = keyof typeof RECIPES;

/** The network to train, at its validation size. */
export const specOf = (
  {
    variant,
    head,
    folded,
    inputSize,
    multiLabel,
  }: Pick<TrainConfig, 'variant' | 'head' | 'folded' | 'inputSize'> & {
    readonly multiLabel?: boolean;
  },
  classes: number,
): NetworkSpec => ({
  variant,
  classes,
  inputSize,
  ...(folded ? { folded } : {}),
  // Left out when it is the default, so that such packages keep their version.
  ...(head === 'fullyConnected' ? { head } : {}),
  ...(multiLabel ? { output: 'sigmoid' as const } : {}),
});

const invalid = (message: string, hint?: string) =>
  new HebbError('invalid_argument', message, hint === undefined ? {} : { hint });

/** Checks options against each other. Throws `invalid_argument`. */
export function checkConfig(config: TrainConfig): void {
  const { sizes, inputSize, auxiliary, area, aspect } = config;
  const least = auxiliary ? 64 : 32;
  for (const side of [inputSize, ...sizes.map(([, size]) => size)]) {
    if (side < least || side > 512) {
      throw invalid(`Images of ${side} pixels cannot be trained on: ${least} to 512.`);
    }
  }
  const shares = sizes.map(([share]) => share);
  const grow = shares.every((share, i) => share > (shares[i - 1] ?? 0));
  if (!grow || shares.at(-1) !== 1) {
    throw invalid('The shares of --sizes must grow and end with 1, as in 96:0.4,128:0.75,160:1.');
  }
  for (const [name, range] of [['area', area] as const, ['aspect', aspect] as const]) {
    if (!(range[0] > 0 && range[0] <= range[1]))
      throw invalid(`--${name} must be two rising numbers above 0.`);
  }
  if (area[1] > 1) throw invalid('--area is a share of the image: at most 1.');
  if (config.mixup > 1) throw invalid('--mixup takes α from 0 to 1.');
  if (config.cutmix > 1) throw invalid('--cutmix takes α from 0 to 1.');
  if (config.init === 'scratch' && (config.headEpochs > 0 || config.unfreeze.length > 0)) {
    throw invalid('--head-epochs and --unfreeze need --init PACKAGE.');
  }
  if (config.head === 'fullyConnected') {
    if (config.init !== 'scratch') {
      throw invalid('--head fullyConnected is trained from scratch only: leave out --init.');
    }
    if (sizes.some(([, size]) => size !== inputSize)) {
      throw invalid(
        `A fully connected head fits one image size: --sizes must be --input-size, ${inputSize}.`,
      );
    }
  }
  if (config.multiLabel && config.balance === 'sampling') {
    throw invalid(
      '--balance sampling draws images by their class, and with --multi-label an image has several.',
      'Use --balance weights.',
    );
  }
  const { qatEpochs = 0 } = config;
  if (config.epochs + config.headEpochs + qatEpochs === 0) {
    throw invalid('--epochs must be at least 1.');
  }
  if (qatEpochs > 0 && config.variant === 'naive') {
    throw invalid('--qat trains for int8, in which the naive network cannot be computed.');
  }
  if (qatEpochs > 0 && config.head === 'fullyConnected') {
    throw invalid('--qat trains for int8, in which a fully connected head cannot be computed.');
  }
}
