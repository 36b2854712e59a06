/**
 * Numbers as text for people.
 * @module
 */

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
