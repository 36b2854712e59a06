/**
 * What the training loop is given, and what it tells.
 * @module
 */
import type { Preprocessing } from '../../shared/model/index.ts';
import type { Pipeline } from '../augment/batch.ts';
import type { Dataset } from '../dataset/dataset.ts';
import type { Binding } from '../native/binding.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { TrainConfig } from './config.ts';
import type { EpochLog } from './epoch-log.ts';
import type { TrainingSession } from './graph/session.ts';
import type { EpochMeter } from './meter.ts';

export interface LoopEvents {
  /** After each step; `share` of the run's work that is done, 0 to 1. */
  onStep(progress: StepProgress): void;
  onEpoch(log: EpochLog): Promise<void>;
  onCheckpoint(checkpoint: Checkpoint, shapes: TrainingSession['variables']): Promise<void>;
  /** True once the run shall end after the step under way. */
  shouldStop(): boolean;
}

export interface StepProgress {
  readonly epoch: number;
  readonly size: number;
  readonly share: number;
  readonly meter: EpochMeter;
}

export interface LoopOptions extends LoopEvents {
  readonly config: TrainConfig;
  readonly dataset: Dataset;
  readonly preprocessing: Preprocessing;
  readonly binding: Binding;
  /** With our own kernels, which are loaded. */
  readonly kernels: boolean;
  /** Augmented images to train on, plain ones to validate on. */
  readonly pipelines: { readonly train: Pipeline; readonly val: Pipeline };
  /** Where it goes on: the first weights with epoch and step 0, or a checkpoint. */
  readonly start: Checkpoint;
  /** Milliseconds of a monotonic clock, and of the calendar. */
  readonly now: () => number;
  readonly date: () => Date;
}
