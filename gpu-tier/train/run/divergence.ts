/**
 * Checks that end a run which cannot give a useful model.
 * @module
 */

import { HebbError } from '@hebb/model';
import { groupBy } from '@hebb/model/node20';
import type { Dataset } from '../dataset/dataset.ts';
import type { TrainConfig } from './config.ts';

/**
 * Largest loss of a step, as a multiple of the loss of guessing (ln of the number of classes). Runs with
 * a high rate on fresh weights recover from a hundred times; no run was seen to recover from a thousand.
 */
const MOST_TIMES_GUESSING = 1000;

type Settings = Pick<TrainConfig, 'rate' | 'clipNorm'>;

/** Throws `training_diverged` when the loss of a step is not finite or has exploded. */
export function checkLoss(loss: number, classes: number, step: number, settings: Settings): void {
  const guessing = Math.log(classes);
  if (loss <= MOST_TIMES_GUESSING * guessing) return; // false for NaN
  const comparison = Number.isFinite(loss) ? `; guessing has ${guessing.toFixed(2)}` : '';
  const shown = Number.isFinite(loss) ? loss.toPrecision(3) : String(loss);
  throw diverged(`The training loss is ${shown} at step ${step}${comparison}.`, settings);
}

/** Throws `training_diverged` when a probability is not finite. */
export function checkAnswer(probabilities: Float32Array, settings: Settings): void {
  if (probabilities.every(Number.isFinite)) return;
  throw diverged('The network’s probabilities for validation images are not finite.', settings);
}

function diverged(message: string, { rate, clipNorm }: Settings): HebbError {
  const clip = clipNorm === 0 || clipNorm > 5 ? ', and with --clip-norm 5' : '';
  return new HebbError('training_diverged', message, {
    hint: `Start again with a smaller rate, such as --rate ${Number((rate / 10).toPrecision(2))}${clip}.`,
  });
}

/** With fewer images chance dominates the figures. */
const ENOUGH_IMAGES = 100;

/** One-sided 95 % of the normal distribution. */
const Z = 1.645;

/**
 * Throws `no_better_than_chance` when the mean recall over the classes is not above that of guessing.
 * Accuracy would not do: with 90 images of one class and 10 of another, always answering the first is
 * right for 90 %, but its mean recall is one half. From 100 images on, the recall must also exceed what
 * chance explains (one-sided 95 %).
 * @param recall mean recall over the classes, 0 to 1
 */
export function checkBetterThanChance(
  recall: number,
  { val, classes }: Pick<Dataset, 'val' | 'classes'>,
): void {
  const counts = [...groupBy(val, ({ label }) => label).values()].map(({ length }) => length);
  const among = counts.length > 1 ? counts.length : classes.length;
  const chance = 1 / among;
  const variance = counts.reduce((sum, n) => sum + (chance * (1 - chance)) / n, 0);
  const luck = val.length < ENOUGH_IMAGES ? 0 : (Z * Math.sqrt(variance)) / counts.length;
  if (recall > chance + luck + 1e-9) return;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  throw new HebbError(
    'no_better_than_chance',
    `The network finds ${percent(recall)} of a class’s validation images; guessing finds ${percent(chance)}. No package was written.`,
  );
}
