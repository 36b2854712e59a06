/**
 * Inputs and events of the training loop.
 * @module
 */
import type { Preprocessing } from '@hebb/model';
import type { Binding } from '@hebb/tensorflow/native/binding';
import type { Pipeline } from '../augment/batch.ts';
import type { TrainingSession } from '../step/session.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { TrainConfig } from './config.ts';
import type { EpochLog } from './epoch-log.ts';
import type { Best, TrainingData } from './hold-out.ts';
import type { EpochMeter } from './meter.ts';

export interface LoopEvents {
  onStep(progress: StepProgress): void;
  onEpoch(log: EpochLog): Promise<void>;
  onCheckpoint(checkpoint: Checkpoint, shapes: TrainingSession['variables']): Promise<void>;
  /** A new best state on the images that are held out. */
  onBest(best: Best, shapes: TrainingSession['variables']): Promise<void>;
  /** True to end the run after the current step. */
  shouldStop(): boolean;
}

export interface StepProgress {
  /** Index of the epoch, from 0. */
  readonly epoch: number;
  readonly size: number;
  /** Share of the run's work that is done, 0 to 1. */
  readonly share: number;
  readonly meter: EpochMeter;
}

export interface LoopOptions extends LoopEvents {
  readonly config: TrainConfig;
  readonly dataset: TrainingData;
  readonly preprocessing: Preprocessing;
  readonly binding: Binding;
  /** Whether our own kernels are loaded and used. */
  readonly kernels: boolean;
  /** Simulate the edge's int8 arithmetic (see `StepGraphOptions`). */
  readonly int8?: boolean;
  /** Augmented images for training, plain ones for validation. */
  readonly pipelines: { readonly train: Pipeline; readonly val: Pipeline };
  /** The checkpoint to resume from; a new run has the first weights, epoch 0 and step 0. */
  readonly start: Checkpoint;
  /** The best state of the epochs before `start`. */
  readonly best: Best | undefined;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  readonly date: () => Date;
}
