/**
 * The training of a run: connects the loop with the input pipelines, the log, TensorBoard and the
 * checkpoints of the run's folder.
 * @module
 */
import type { Preprocessing } from '@hebb/model';
import type { Binding } from '@hebb/tensorflow/native/binding';
import { createPipeline } from '../augment/pipeline.ts';
import type { TrainingState } from '../step/session.ts';
import { createEventWriter } from '../tensorboard/event-writer.ts';
import { readBest, readCheckpoint, writeBest, writeCheckpoint } from './checkpoint.ts';
import type { TrainConfig } from './config.ts';
import type { EpochLog } from './epoch-log.ts';
import type { TrainingData } from './hold-out.ts';
import { type LoopResult, trainingLoop } from './loop.ts';
import type { StepProgress } from './loop-options.ts';
import { appendLog, type RunFolder, truncateLog } from './run-folder.ts';

export interface TrainTools {
  readonly binding: Binding;
  /** Whether our own kernels are loaded and used. */
  readonly kernels: boolean;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  readonly date: () => Date;
  readonly onStep: (progress: StepProgress) => void;
  readonly onEpoch: (log: EpochLog) => void;
  readonly shouldStop: () => boolean;
}

/** The initial weights of a run, and its preprocessing. */
export interface FirstState {
  readonly preprocessing: Preprocessing;
  readonly state: TrainingState;
}

/** A part of a run with its own training loop. */
export interface TrainPhase {
  readonly config: TrainConfig;
  /** Epochs of the log before this phase. */
  readonly before: number;
  /** Steps of the log before this phase; 0 by default. */
  readonly stepsBefore?: number;
  /** File of its checkpoints in the run's folder. */
  readonly checkpoint?: string;
  /** Simulate the edge's int8 arithmetic. */
  readonly int8?: boolean;
}

/**
 * Trains from the run's last checkpoint, or from `first` if there is none.
 * @param phase by default the run's main phase, after the epochs of the classifier alone
 */
export async function runTraining(
  { dir, record }: RunFolder,
  dataset: TrainingData,
  first: FirstState,
  tools: TrainTools,
  phase: TrainPhase = { config: record.config, before: record.config.headEpochs },
): Promise<LoopResult> {
  const { config, before, stepsBefore = 0, int8 = false } = phase;
  const start = (await readCheckpoint(dir, phase.checkpoint)) ?? {
    epoch: 0,
    step: 0,
    state: first.state,
  };
  await truncateLog(dir, before + start.epoch);
  const events = createEventWriter(dir, {
    now: () => tools.date().getTime(),
    resumedAt: before + start.epoch,
  });
  const pipelines = createPipelines(config, first.preprocessing);
  try {
    return await trainingLoop({
      config,
      dataset,
      preprocessing: first.preprocessing,
      pipelines,
      start,
      best: phase.checkpoint === undefined ? await readBest(dir) : undefined,
      int8,
      ...tools,
      async onEpoch(epochLog) {
        const epoch = before + epochLog.epoch;
        const step = stepsBefore + epochLog.step;
        const log = { ...epochLog, epoch, step, ...(int8 ? { int8 } : {}) };
        await appendLog(dir, log);
        events.scalars(log.epoch, scalarsOf(log));
        tools.onEpoch(log);
      },
      onCheckpoint: (checkpoint, shapes) =>
        writeCheckpoint(dir, checkpoint, shapes, phase.checkpoint),
      onBest: (best, shapes) => writeBest(dir, best, shapes),
    });
  } finally {
    events.close();
    await Promise.all([pipelines.train.close(), pipelines.val.close()]);
  }
}

/** There are few validation images: they get a fifth of the cache. */
function createPipelines(config: TrainConfig, { resize }: Preprocessing) {
  const { area, aspect, mirror, brightness, contrast, saturation, hue, threads } = config;
  const { trivialAugment, erasing } = config;
  const cacheBytes = config.cacheMb * 1e6;
  return {
    train: createPipeline({
      augment: {
        ...{ area, aspect, mirror, brightness, contrast, saturation, hue },
        ...{ trivialAugment, erasing },
      },
      threads,
      prefetch: 4,
      cacheBytes: Math.floor(cacheBytes * 0.8),
    }),
    val: createPipeline({
      augment: undefined,
      resize,
      threads: Math.min(threads, 2),
      prefetch: 2,
      cacheBytes: Math.floor(cacheBytes * 0.2),
    }),
  };
}

/** The curves in TensorBoard; names before `/` group them. */
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
    'loss/hold-out': log.holdOutLoss,
    'accuracy/hold-out': log.holdOutAccuracy,
    'recall/val': log.valRecall,
    'map/val': log.valMap,
    learning_rate: log.rate,
    image_size: log.size,
    images_per_second: log.imagesPerSecond,
    waiting: log.waiting,
  };
  for (const [row, norm] of Object.entries(log.gradientNorms ?? {})) {
    scalars[`gradient_norm/${row}`] = norm;
    const weight = log.weightNorms?.[row];
    if (weight) scalars[`relative_gradient/${row}`] = norm / weight;
  }
  const known = Object.entries(scalars).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as Record<string, number>;
}
