/** The median, and the 10th and 90th percentile. */
export interface Spread {
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
}

/** Throws a RangeError if there are no values. */
export function spread(values: readonly number[]): Spread {
  return {
    median: percentile(values, 50),
    p10: percentile(values, 10),
    p90: percentile(values, 90),
  };
}

/** Percentile (`percent` is 0 to 100), interpolated linearly. Throws a RangeError if there are no values. */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new RangeError('There is no percentile without values.');
  const sorted = [...values].sort((a, b) => a - b);
  const position = ((sorted.length - 1) * percent) / 100;
  const low = Math.floor(position);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (position - low) * (sorted[high]! - sorted[low]!);
}

export const median = (values: readonly number[]): number => percentile(values, 50);
