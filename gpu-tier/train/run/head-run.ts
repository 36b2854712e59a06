import type { HebbError } from '@hebb/model';
import type { PackageFolder } from '@hebb/packages/folder';
import type { RunnerBackend } from '@hebb/tensorflow/backend/create-runner';
import type { Dataset, HashedExample } from '../dataset/dataset.ts';
import type { TrainConfig } from './config.ts';
import type { EpochLog } from './epoch-log.ts';
import { type Features, featuresOf } from './features.ts';
import { type Head, type HeadEpoch, trainHead } from './head.ts';

export interface HeadRunOptions {
  readonly config: TrainConfig;
  readonly dataset: Dataset;
  /** Training images whose features are computed with the others, but not trained on. */
  readonly without?: readonly HashedExample[];
  /** The package whose frozen trunk computes the features. */
  readonly source: PackageFolder;
  readonly backend: RunnerBackend;
  /** Cache folder of features. */
  readonly cache: string;
  readonly now: () => number;
  readonly date: () => Date;
  /** Starts the progress of a side's images; returns its counter. */
  readonly onImages: (side: 'train' | 'val', total: number) => (done: number) => void;
  readonly onEpoch: (log: EpochLog) => void;
  /** Called when the features cannot be cached. */
  readonly onNotKept?: (error: HebbError) => void;
}

/** Trains a new classifier on a package's features of the data set. */
export async function runHead(options: HeadRunOptions): Promise<Head> {
  const { config, dataset, source, backend, cache, onImages, onEpoch, now } = options;
  const features = (side: 'train' | 'val') =>
    featuresOf({
      package: source,
      examples: dataset[side],
      backend,
      cache,
      key: `${dataset.fingerprint} ${side}`,
      ...(options.onNotKept ? { onNotKept: options.onNotKept } : {}),
      onProgress: onImages(side, dataset[side].length),
    });
  const held = new Set(options.without?.map(({ sha256 }) => sha256));
  const used = dataset.train.flatMap(({ sha256 }, i) => (held.has(sha256) ? [] : [i]));
  const [train, val] = [rowsOf(await features('train'), used), await features('val')];
  let began = now();
  return trainHead(train, val, dataset.classes.length, config, (epoch) => {
    const seconds = (now() - began) / 1000;
    began = now();
    onEpoch(logOf(epoch, seconds, options));
  });
}

/** The features of some images, by index. */
function rowsOf(features: Features, images: readonly number[]): Features {
  const { width, views, data, labels, sets } = features;
  if (images.length === labels.length) return features;
  const length = views * width;
  const rows = new Float32Array(images.length * length);
  for (const [row, image] of images.entries()) {
    rows.set(data.subarray(image * length, (image + 1) * length), row * length);
  }
  return {
    width,
    views,
    data: rows,
    labels: Int32Array.from(images, (i) => labels[i]!),
    ...(sets && { sets: images.map((i) => sets[i]!) }),
  };
}

function logOf(
  epoch: HeadEpoch,
  seconds: number,
  { config, dataset, without, date }: HeadRunOptions,
): EpochLog {
  const images = dataset.train.length - (without?.length ?? 0);
  return {
    ...epoch,
    mainLoss: epoch.loss,
    seconds,
    step: epoch.epoch * Math.ceil(images / config.batchSize),
    size: config.inputSize,
    imagesPerSecond: images / Math.max(seconds, 1e-9),
    waiting: 0,
    time: date().toISOString(),
  };
}
