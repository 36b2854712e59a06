/**
 * The results of `npm run paper`: bench/results/paper.json.
 * @module
 */
import type { Cost, ModuleComparison } from '@hebb/model';
import type { ErrorCode } from '@hebb/model/errors';
import type { EpochLog } from '@hebb/train/run/epoch-log';
import type { Machine } from '../machine.ts';
import type { Spread } from '../measure/statistics.ts';
import type { PaperSettings } from './experiments.ts';

/** One training with one seed. */
export interface PaperRun {
  readonly experiment: string;
  readonly seed: number;
  /** The error that ended it, such as `no_better_than_chance`: a result too. */
  readonly error?: ErrorCode;
  readonly epochs: readonly PaperEpoch[];
}

export type PaperEpoch = Pick<
  EpochLog,
  | 'epoch'
  | 'step'
  | 'mainLoss'
  | 'valLoss'
  | 'valTop1'
  | 'gradientNorms'
  | 'firstGradientNorms'
  | 'weightNorms'
  | 'imagesPerSecond'
  | 'seconds'
>;

export interface NetworkRow extends Cost {
  /** The id of an experiment, or `naive`. */
  readonly id: string;
  readonly title: string;
  /** Of the weights in float32, with the running statistics of batch norm. */
  readonly bytes: number;
}

/** Training steps of the paper's network and of naive modules, measured in turn; milliseconds. */
export interface NaiveSteps {
  readonly batch: number;
  readonly size: number;
  readonly rounds: number;
  readonly reduced: Spread;
  readonly naive: Spread;
  /** `naive` as a multiple of `reduced`, round by round. */
  readonly times: Spread;
}

export interface PaperResult {
  readonly bench: 'paper';
  readonly machine: Machine;
  readonly note?: string;
  readonly data: {
    readonly name: string;
    readonly classes: number;
    readonly train: number;
    readonly val: number;
  };
  readonly settings: PaperSettings;
  readonly runs: readonly PaperRun[];
  /** At the size and with the classes of the trainings. */
  readonly networks: readonly NetworkRow[];
  /** Each module with reductions beside the naive one on the same input, at the size of the trainings. */
  readonly modules: readonly ModuleComparison[];
  readonly steps: NaiveSteps;
}
