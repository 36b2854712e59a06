import { seededNormal } from '@hebb/test/support/random-weights';
import { describe, expect, it } from 'vitest';
import { ActivationHistogram } from './histogram.ts';

const ramp = Float32Array.from({ length: 10_000 }, (_, i) => i / 100); // 0 … 99.99

describe('the histogram of activations', () => {
  it('finds percentiles to within a bin, for any order of the values', () => {
    const histogram = new ActivationHistogram();
    for (let i = 0; i < ramp.length; i += 1000) histogram.add(ramp.subarray(i, i + 1000));
    expect(histogram.max).toBeCloseTo(99.99, 4);
    expect(histogram.percentile(50)).toBeCloseTo(50, 0);
    expect(histogram.percentile(99)).toBeCloseTo(99, 0);
    expect(histogram.percentile(100)).toBeCloseTo(99.99, 4);
  });

  it('counts negative values as 0', () => {
    const histogram = new ActivationHistogram();
    histogram.add(Float32Array.of(-5, -1, 0, 4));
    expect(histogram.percentile(75)).toBeLessThan(0.01);
    expect(histogram.max).toBe(4);
  });

  it('clips an outlier when that has less error than wider steps', () => {
    const normal = seededNormal(5);
    const histogram = new ActivationHistogram();
    histogram.add(Float32Array.from({ length: 100_000 }, () => Math.abs(normal())));
    histogram.add(Float32Array.of(40));
    // n·clip² / (12·127²) + (40 − clip)² is least at 40 / (1 + n / (12·127²)) = 26.4.
    expect(histogram.clipOfLeastError(127)).toBeCloseTo(26.4, 1);
  });
});
