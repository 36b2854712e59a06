import type { HebbError } from '@hebb/model';
import type { PackageFolder } from '@hebb/packages/folder';
import type { RunnerBackend } from '@hebb/tensorflow/backend/create-runner';
import type { Dataset } from '../dataset/dataset.ts';
import type { TrainConfig } from './config.ts';
import type { EpochLog } from './epoch-log.ts';
import { featuresOf } from './features.ts';
import { type Head, type HeadEpoch, trainHead } from './head.ts';

export interface HeadRunOptions {
  readonly config: TrainConfig;
  readonly dataset: Dataset;
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
  const [train, val] = [await features('train'), await features('val')];
  let began = now();
  return trainHead(train, val, dataset.classes.length, config, (epoch) => {
    const seconds = (now() - began) / 1000;
    began = now();
    onEpoch(logOf(epoch, seconds, options));
  });
}

function logOf(
  epoch: HeadEpoch,
  seconds: number,
  { config, dataset, date }: HeadRunOptions,
): EpochLog {
  const images = dataset.train.length;
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
