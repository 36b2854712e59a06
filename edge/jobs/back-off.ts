/**
 * How long to wait before the next attempt, s: twice as long after each, ± half, so that what failed
 * together does not come back together. Queues take at most 24 hours.
 * @param attempts so far, from 1
 * @param random 0 to 1
 */
export function backOffSeconds(
  attempts: number,
  { firstSeconds, atMostSeconds }: { firstSeconds: number; atMostSeconds: number },
  random: number,
): number {
  const seconds = Math.min(atMostSeconds, firstSeconds * 2 ** (attempts - 1));
  return Math.round(seconds * (0.5 + random));
}
