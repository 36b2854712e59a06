/**
 * Exponential back-off with jitter.
 * @module
 */

export interface BackOff {
  /** Delay after the first failure, s; doubles with each further one. */
  readonly firstSeconds: number;
  readonly atMostSeconds: number;
}

/**
 * The delay before the next attempt, s: ± half at random, so that messages which failed together are
 * not retried together. Queues allow at most 24 hours.
 * @param attempts so far, from 1
 * @param random 0 to 1
 */
export const backOffSeconds = (attempts: number, backOff: BackOff, random: number): number =>
  Math.round(delaySeconds(attempts, backOff) * (0.5 + random));

/** The longest time that this many attempts can take, s. */
export function longestSeconds(attempts: number, backOff: BackOff): number {
  let total = 0;
  for (let n = 1; n <= attempts; n++) total += 1.5 * delaySeconds(n, backOff);
  return total;
}

const delaySeconds = (attempts: number, { firstSeconds, atMostSeconds }: BackOff): number =>
  Math.min(atMostSeconds, firstSeconds * 2 ** (attempts - 1));
