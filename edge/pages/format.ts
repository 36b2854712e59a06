/**
 * Answers and numbers as text for people.
 * @module
 */
import type { Prediction } from '@hebb/protocol/api/classification';
import type { BrowserAnswer } from './engine/calls.ts';

type Predictions = Pick<BrowserAnswer, 'predictions' | 'labels'>;

/** What an image shows: the labels that a multi-label model chose, else the best class. */
export const shownIn = ({ predictions, labels }: Predictions): readonly Prediction[] =>
  labels ?? predictions.slice(0, 1);

/** Most labels in one sentence: a model may choose thousands. */
const NAMED = 12;

/** The first of them in one sentence: "a, b and 88 more" */
export function listed(texts: readonly string[], separator = ', '): string {
  const rest = texts.length - NAMED;
  return texts.slice(0, NAMED).join(separator) + (rest > 0 ? ` and ${rest} more` : '');
}

/** Its names: "tulips", "cat, dog", "none of the classes" */
export const namesIn = (answer: Predictions): string =>
  listed(shownIn(answer).map(({ label }) => label)) || 'none of the classes';

/** A probability in percent: "66.0 %"; what would round to little more than 0 becomes "< 0.1 %". */
export function percent(score: number, digits = 1): string {
  const least = 10 ** -digits;
  if (score > 0 && score * 100 < least) return `< ${least} %`;
  return `${(score * 100).toFixed(digits)} %`;
}

/** "7.5 ms", "31 ms", "1.2 s", "12 s" */
export function milliseconds(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(0)} s`;
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms >= 10 ? Math.round(ms) : Math.round(ms * 10) / 10} ms`;
}

/** "1 image", "12 images" */
export const images = (count: number): string => (count === 1 ? '1 image' : `${count} images`);

/** The first 12 digits of a version, enough to compare by eye. */
export const shortVersion = (version: string): string => version.slice(0, 12);
