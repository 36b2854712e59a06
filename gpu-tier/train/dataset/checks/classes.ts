/**
 * Findings about whole classes.
 * @module
 */
import type { Balance } from '../../run/balance.ts';
import { classNamesOf } from '../found.ts';
import { type Finding, finding } from './finding.ts';
import type { InspectedImage } from './inspect.ts';

const FEW_IMAGES = 10;

/** Largest ratio of the sizes of two classes without a finding. */
const MOST_TIMES = 5;

export interface ClassSettings {
  readonly classes: readonly string[];
  readonly emptyClasses: readonly string[];
  /** Share for validation when the data set has no split. */
  readonly valShare: number;
  readonly multiLabel?: boolean | undefined;
}

/** Findings about the number of images per class that decode. */
export function classFindings(
  images: readonly InspectedImage[],
  { classes, emptyClasses, valShare, multiLabel = false }: ClassSettings,
): Finding[] {
  const sound = images.filter(({ problem }) => !problem);
  const split = sound.some(({ side }) => side === 'val');
  const sizes = classes.map((name) => {
    const own = sound.filter((image) => classNamesOf(image).includes(name));
    const val = own.filter(({ side }) => side === 'val').length;
    const train = split ? own.length - val : Math.round(own.length * (1 - valShare));
    return { name, train, val };
  });
  return [
    ...emptyClasses.map((name) => finding('empty_class', `${name}: no image`)),
    ...sizes
      .filter(({ train }) => train < FEW_IMAGES)
      .map(({ name, train }) => finding('tiny_class', `${name}: ${train} to train on`)),
    ...(split ? sizes : [])
      .filter(({ val }) => val === 0)
      .map(({ name }) => finding('unvalidated_class', `${name}: none to validate on`)),
    ...balance(sizes, multiLabel),
    ...unlabelled(sound),
  ];
}

/** Images of a training step, by default. */
const BATCH = 32;

/**
 * Weights see each image once an epoch. A class that most batches lack would then move the network rarely
 * and with a large weight, so it is drawn more often instead.
 */
function balanceFor(sizes: readonly { train: number }[]): Balance {
  const all = sizes.reduce((sum, { train }) => sum + train, 0);
  const smallest = Math.min(...sizes.map(({ train }) => train));
  return (smallest / all) * BATCH < 1 ? 'sampling' : 'weights';
}

function unlabelled(images: readonly InspectedImage[]): Finding[] {
  const without = images.filter((image) => classNamesOf(image).length === 0);
  if (without.length === 0) return [];
  const paths = without.map(({ path }) => path);
  return [finding('unlabelled', `${without.length} of ${images.length} images`, paths)];
}

function balance(
  sizes: readonly { name: string; train: number }[],
  multiLabel: boolean,
): Finding[] {
  const smallest = sizes.reduce((a, b) => (b.train < a.train ? b : a));
  const largest = sizes.reduce((a, b) => (b.train > a.train ? b : a));
  if (largest.train <= MOST_TIMES * smallest.train) return [];
  const [most, fewest] = [largest, smallest].map(({ name, train }) => `${name} has ${train}`);
  const flag = `--balance ${multiLabel ? 'weights' : balanceFor(sizes)}`;
  return [finding('unbalanced', `${most} images to train on, ${fewest}: train with ${flag}`)];
}
