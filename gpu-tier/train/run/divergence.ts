/**
 * Checks that end a run which cannot give a useful model.
 * @module
 */

import { HebbError } from '@hebb/model';
import { groupBy } from '@hebb/model/node20';
import type { Dataset } from '../dataset/dataset.ts';
import { shuffled } from '../random/random.ts';
import type { TrainConfig } from './config.ts';

/**
 * Largest loss of a step, as a multiple of the loss of guessing (with softmax ln of the number of classes). Runs with
 * a high rate on fresh weights recover from a hundred times; no run was seen to recover from a thousand.
 */
const MOST_TIMES_GUESSING = 1000;

interface Settings extends Pick<TrainConfig, 'rate' | 'clipNorm'> {
  /** The phase of `--qat`, whose rate has an option of its own. */
  readonly int8?: boolean | undefined;
}

/**
 * Throws `training_diverged` when the loss of a step is not finite or has exploded.
 * @param guessing the loss of guessing
 */
export function checkLoss(loss: number, guessing: number, step: number, settings: Settings): void {
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

function diverged(message: string, { rate, clipNorm, int8 = false }: Settings): HebbError {
  const clip = clipNorm === 0 || clipNorm > 5 ? ', and with --clip-norm 5' : '';
  return new HebbError('training_diverged', message, {
    hint: `Start again with a smaller rate, such as ${int8 ? '--qat-rate' : '--rate'} ${Number((rate / 10).toPrecision(2))}${clip}.`,
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
  throw new HebbError(
    'no_better_than_chance',
    `The network finds ${percent(recall)} of a class’s validation images; guessing finds ${percent(chance)}. No package was written.`,
  );
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** Random rankings that show what chance gives. */
const RANKINGS = 100;

/**
 * Throws `no_better_than_chance` when the mean average precision is not above that of a random ranking,
 * which is about the mean share of the images that show a class. From 100 images on, it must also exceed 95
 * of 100 random rankings.
 */
export function checkRankingBetterThanChance(
  meanAveragePrecision: number,
  { val, classes }: Pick<Dataset, 'val' | 'classes'>,
): void {
  const sets = val.map(({ labels = [] }) => labels);
  const counts = classes.map((_, label) => sets.filter((set) => set.includes(label)).length);
  const expected = counts
    .filter((shown) => shown > 0)
    .map((shown) => expectedAveragePrecision(sets.length, shown));
  const chance = expected.reduce((sum, value) => sum + value, 0) / Math.max(expected.length, 1);
  const least =
    sets.length < ENOUGH_IMAGES ? chance : Math.max(chance, luckyPrecision(sets, counts));
  if (meanAveragePrecision > least + 1e-9) return;
  throw new HebbError(
    'no_better_than_chance',
    `The network’s mean average precision is ${percent(meanAveragePrecision)}; a random ranking has ${percent(chance)}. No package was written.`,
  );
}

/**
 * Expected average precision of a random ranking of n images, k of which show the class: at place i stands
 * such an image with probability k / n, and (i − 1)(k − 1) / (n − 1) of the others stand before it.
 */
function expectedAveragePrecision(n: number, k: number): number {
  const others = n > 1 ? (k - 1) / (n - 1) : 0;
  let sum = 0;
  for (let i = 1; i <= n; i++) sum += (1 + (i - 1) * others) / i;
  return sum / n;
}

/** The mean average precision that 95 % of random rankings do not exceed. */
function luckyPrecision(sets: readonly (readonly number[])[], counts: readonly number[]): number {
  const known = counts.filter((shown) => shown > 0).length;
  const drawn = Array.from({ length: RANKINGS }, (_, seed) => {
    const right = counts.map(() => 0);
    let sum = 0;
    for (const [before, set] of shuffled(sets, seed).entries()) {
      for (const label of set) sum += ++right[label]! / (before + 1) / counts[label]!;
    }
    return sum / known;
  });
  return drawn.sort((a, b) => a - b)[Math.floor(0.95 * RANKINGS)]!;
}
