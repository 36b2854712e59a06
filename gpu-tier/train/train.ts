/**
 * A training run from its folder to a package: data through the pipeline, the loop, log, checkpoints.
 * @module
 */
import { googlenet, type NetworkSpec, type Preprocessing } from '../../shared/model/index.ts';
import { createPipeline } from '../augment/pipeline.ts';
import type { Dataset } from '../dataset/dataset.ts';
import type { Binding } from '../native/binding.ts';
import { createEventWriter } from '../tensorboard/event-writer.ts';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { TrainConfig } from './config.ts';
import type { EpochLog } from './epoch-log.ts';
import { initialWeights } from './initial-weights.ts';
import { type LoopResult, type StepProgress, trainingLoop } from './loop.ts';
import { appendLog, type RunFolder, truncateLog } from './run-folder.ts';

export interface TrainTools {
  readonly binding: Binding;
  /** Milliseconds of a monotonic clock, and of the calendar. */
  readonly now: () => number;
  readonly date: () => Date;
  readonly onStep: (progress: StepProgress) => void;
  readonly onEpoch: (log: EpochLog) => void;
  readonly shouldStop: () => boolean;
}

/** What a run begins with. */
export interface FirstWeights {
  readonly preprocessing: Preprocessing;
  /** float32 by the parameter's name; what is missing is drawn by the run's seed. */
  readonly weights: ReadonlyMap<string, Float32Array>;
}

/** Trains, or goes on where the run's last checkpoint was written. */
export async function runTraining(
  { dir, record: { config } }: RunFolder,
  dataset: Dataset,
  first: FirstWeights,
  tools: TrainTools,
): Promise<LoopResult> {
  const start = (await readCheckpoint(dir)) ?? fresh(config, dataset, first);
  await truncateLog(dir, start.epoch);
  const events = createEventWriter(dir, {
    now: () => tools.date().getTime(),
    resumedAt: start.epoch,
  });
  const pipelines = createPipelines(config);
  try {
    return await trainingLoop({
      config,
      dataset,
      preprocessing: first.preprocessing,
      pipelines,
      start,
      ...tools,
      async onEpoch(log) {
        await appendLog(dir, log);
        events.scalars(log.epoch, scalarsOf(log));
        tools.onEpoch(log);
      },
      onCheckpoint: (checkpoint, shapes) => writeCheckpoint(dir, checkpoint, shapes),
    });
  } finally {
    events.close();
    await Promise.all([pipelines.train.close(), pipelines.val.close()]);
  }
}

function fresh(config: TrainConfig, dataset: Dataset, { weights }: FirstWeights): Checkpoint {
  const spec: NetworkSpec = {
    variant: config.variant,
    classes: dataset.classes.length,
    inputSize: config.inputSize,
  };
  const network = googlenet(spec, { auxiliary: config.auxiliary });
  const state = new Map([...initialWeights(network, config.seed), ...weights]);
  return { epoch: 0, step: 0, state };
}

/** Validation images are few: they get a fifth of the memory for decoded ones. */
function createPipelines(config: TrainConfig) {
  const { area, aspect, mirror, brightness, contrast, saturation, hue, threads } = config;
  const cacheBytes = config.cacheMb * 1e6;
  return {
    train: createPipeline({
      augment: { area, aspect, mirror, brightness, contrast, saturation, hue },
      threads,
      prefetch: 4,
      cacheBytes: Math.floor(cacheBytes * 0.8),
    }),
    val: createPipeline({
      augment: undefined,
      threads: Math.min(threads, 2),
      prefetch: 2,
      cacheBytes: Math.floor(cacheBytes * 0.2),
    }),
  };
}

/** The curves of TensorBoard, under the names that its users know. */
function scalarsOf(log: EpochLog): Record<string, number> {
  const scalars: Record<string, number | undefined> = {
    'loss/train': log.loss,
    'loss/main': log.mainLoss,
    'loss/aux1': log.aux1Loss,
    'loss/aux2': log.aux2Loss,
    'loss/val': log.valLoss,
    'top1/train': log.trainTop1,
    'top1/val': log.valTop1,
    'top5/val': log.valTop5,
    learning_rate: log.rate,
    image_size: log.size,
    images_per_second: log.imagesPerSecond,
    waiting: log.waiting,
  };
  const known = Object.entries(scalars).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as Record<string, number>;
}
