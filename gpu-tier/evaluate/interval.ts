/** The quantile of the normal distribution that leaves 2.5 % on either side. */
const Z = 1.959964;

/**
 * Wilson's 95 % interval for a share of which `successes` of `trials` were seen: unlike the textbook
 * ± it stays within 0 and 1 and holds for small numbers too (Wilson 1927).
 */
export function wilsonInterval(successes: number, trials: number): [low: number, high: number] {
  const p = successes / trials;
  const z2 = Z ** 2 / trials;
  const middle = p + z2 / 2;
  const reach = Z * Math.sqrt((p * (1 - p) + z2 / 4) / trials);
  return [Math.max(0, (middle - reach) / (1 + z2)), Math.min(1, (middle + reach) / (1 + z2))];
}
