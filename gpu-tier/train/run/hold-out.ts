/**
 * The images of the training set by which a run chooses what it keeps: the epoch with the best score on them, or the
 * classifier alone, from before the first epoch. The validation images stay unseen until the end.
 * @module
 */
import { groupBy } from '@hebb/model/node20';
import type { Dataset, HashedExample } from '../dataset/dataset.ts';
import { rarestOf, splitClass } from '../dataset/split.ts';
import type { TrainingState } from '../step/session.ts';
import type { TrainConfig } from './config.ts';

/** A data set whose `train` is without the images that are held out. */
export interface TrainingData extends Dataset {
  readonly holdOut: readonly HashedExample[];
}

/** Figures of a state on the images that are held out, in float32 precision, as a file keeps them. */
export interface Score {
  /** Top-1 accuracy; with `--balance` mean recall, with `--multi-label` mean average precision. */
  readonly accuracy: number;
  /** Mean cross-entropy, nats. */
  readonly loss: number;
}

/** The best state so far. */
export interface Best {
  /** Finished epochs; 0: before the first, after those of the classifier alone. */
  readonly epoch: number;
  readonly score: Score;
  readonly state: TrainingState;
}

/**
 * Sets aside a share of each class of the training images, chosen by content and seed; none without epochs. Images
 * with several labels belong to their rarest one.
 */
export function withHoldOut(
  dataset: Dataset,
  { holdOut, seed, epochs }: Pick<TrainConfig, 'holdOut' | 'seed' | 'epochs'>,
): TrainingData {
  if (holdOut === 0 || epochs === 0) return { ...dataset, holdOut: [] };
  const classOf = rarestOf(dataset.train, ({ label, labels = [label] }) => labels);
  const classes = [...groupBy(dataset.train, classOf).values()];
  const held = new Set(classes.flatMap((images) => splitClass(images, holdOut, seed).val));
  return {
    ...dataset,
    train: dataset.train.filter((image) => !held.has(image)),
    holdOut: dataset.train.filter((image) => held.has(image)),
  };
}

/**
 * Whether `score` beats `best`: more accurate, or as accurate at a smaller loss. A figure that is no number
 * never does.
 */
export const isBetter = (score: Score, best: Score): boolean =>
  score.accuracy > best.accuracy || (score.accuracy === best.accuracy && score.loss < best.loss);
