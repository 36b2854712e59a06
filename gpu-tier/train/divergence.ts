/**
 * When a run is to end because nothing good can come out of it.
 * @module
 */
import { HebbError } from '../../shared/model/index.ts';
import type { Dataset } from '../dataset/dataset.ts';
import type { TrainConfig } from './config.ts';

/**
 * A step's loss may be so many times that of guessing (ln of the number of classes). A high rate on
 * fresh weights reaches a hundred times and comes down again; beyond a thousand no run was seen to.
 */
const MOST_TIMES_GUESSING = 1000;

type Settings = Pick<TrainConfig, 'rate' | 'clipNorm'>;

/** Throws `training_diverged` for a step's loss that is no number or has exploded. */
export function checkLoss(loss: number, classes: number, step: number, settings: Settings): void {
  const guessing = Math.log(classes);
  if (loss <= MOST_TIMES_GUESSING * guessing) return; // false for NaN
  const comparison = Number.isFinite(loss) ? `; guessing has ${guessing.toFixed(2)}` : '';
  const shown = Number.isFinite(loss) ? loss.toPrecision(3) : String(loss);
  throw diverged(`The training loss is ${shown} at step ${step}${comparison}.`, settings);
}

/** Throws `training_diverged` when a network's answer holds something that is no number. */
export function checkAnswer(probabilities: Float32Array, settings: Settings): void {
  if (probabilities.every(Number.isFinite)) return;
  throw diverged('The network answers validation images with what is no number.', settings);
}

function diverged(message: string, { rate, clipNorm }: Settings): HebbError {
  const clip = clipNorm === 0 || clipNorm > 5 ? ', and with --clip-norm 5' : '';
  return new HebbError('training_diverged', message, {
    hint: `Start again with a smaller rate, such as --rate ${Number((rate / 10).toPrecision(2))}${clip}.`,
  });
}

/** Below this, luck says more than the figures do. */
const ENOUGH_IMAGES = 100;

/** One-sided 95 % of the normal distribution. */
const Z = 1.645;

/**
 * Throws `no_better_than_chance` when the validation images of a class are found no more often than
 * one finds them who does not look. What counts is the mean over classes: with 90 images of a class
 * and 10 of another, always to answer the first is right in 90 % and finds half of the two classes.
 * With 100 images and more, the figure has to be higher than luck explains.
 * @param recall mean over the classes of the share of images that are found, 0 to 1
 */
export function checkBetterThanChance(
  recall: number,
  { val, classes }: Pick<Dataset, 'val' | 'classes'>,
): void {
  const counts = [...Map.groupBy(val, ({ label }) => label).values()].map(({ length }) => length);
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
