/**
 * Numbers as people read them.
 * @module
 */

/** A probability in percent; what is below a tenth of a percent says just that. */
export function percent(score: number, digits = 1): string {
  const least = 10 ** -digits;
  if (score > 0 && score * 100 < least) return `< ${least} %`;
  return `${(score * 100).toFixed(digits)} %`;
}

export function milliseconds(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(0)} s`;
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms >= 10 ? Math.round(ms) : Math.round(ms * 10) / 10} ms`;
}

/** "1 image", "12 images" */
export const images = (count: number): string => (count === 1 ? '1 image' : `${count} images`);

/** The part of a version that people compare by eye. */
export const shortVersion = (version: string): string => version.slice(0, 12);
