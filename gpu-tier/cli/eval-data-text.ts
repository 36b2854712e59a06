/**
 * What `hebb eval` says about the images: which they are, and whether the model has seen them.
 * @module
 */
import { countLeftOut, type LeftOut, leftOutSentence } from '../dataset/left-out.ts';
import type { Acquaintance } from '../evaluate/acquaintance.ts';
import type { EvaluationData } from '../evaluate/data.ts';
import { count } from './numbers.ts';

const BY = {
  data: 'as the data set has it',
  package: 'as the package records it',
  seed: 'by the seed',
} as const;

/** Lines below the first; they come before any figure, since they say what it is worth. */
export function acquaintanceText(
  { by, outside, examples }: EvaluationData,
  known: Acquaintance | undefined,
): string {
  const lines = [
    ...(by ? [`split ${BY[by]}`] : []),
    ...(outside > 0 ? [`${images(outside)} of neither part, not measured: --split all`] : []),
    seenText(examples.length, known),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function seenText(all: number, known: Acquaintance | undefined): string {
  if (!known) return 'the package does not say which images it was trained on';
  const { trained, validated, unseen } = known;
  if (trained > 0) {
    const which = trained === all ? 'all of them were' : `${images(trained)} of them were`;
    return `! ${which} trained on: on images that it has not seen the model is worse`;
  }
  if (unseen === all) return 'none of them was seen in training';
  return `none of them was trained on${unseen > 0 ? `; ${count(validated)} validated the run` : ''}`;
}

const images = (n: number): string => (n === 1 ? '1 image' : `${count(n)} images`);

/** A line for the log; empty where nothing was left out. */
export const leftOutText = ({ leftOut }: Pick<EvaluationData, 'leftOut'>): string => {
  const sentence = leftOutSentence(leftOut).trim();
  return sentence === '' ? '' : `! ${sentence}\n`;
};

/** Files by reason, for JSON. */
export const leftOutCounts = (leftOut: readonly LeftOut[]): Record<string, number> =>
  Object.fromEntries([...countLeftOut(leftOut)].map(([reason, { length }]) => [reason, length]));
