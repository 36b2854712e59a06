import { seededNormal } from '@hebb/test/support/random-weights';
import { describe, expect, it } from 'vitest';
import { ChannelHistograms } from './histogram.ts';

/** The distribution of channel 1 of 2; channel 0 gets other values. */
function distributionOf(...parts: readonly Float32Array[]) {
  const histograms = new ChannelHistograms(2);
  for (const part of parts) {
    const pixels = new Float32Array(2 * part.length);
    for (const [i, value] of part.entries()) pixels.set([1000 * value, value], 2 * i);
    histograms.add(pixels);
  }
  return ChannelHistograms.distribution([histograms], 1);
}
const ramp = Float32Array.from({ length: 10_000 }, (_, i) => i / 100); // 0 … 99.99
const normal = seededNormal(5);
const half = Float32Array.from({ length: 20_000 }, () => Math.max(0, normal()));

describe('the distribution of a channel', () => {
  it('knows range, mean and energy, for any order of the values', () => {
    const parts = Array.from({ length: 10 }, (_, i) => ramp.subarray(i * 1000, (i + 1) * 1000));
    for (const order of [parts, parts.toReversed()]) {
      const d = distributionOf(...order);
      expect(d.pixels).toBe(10_000);
      expect(d.max).toBeCloseTo(99.99, 4);
      expect(d.mean).toBeCloseTo(50, 0);
      expect(d.energy).toBeCloseTo(100 ** 2 / 3, -2);
      expect(d.countAbove(75) / 10_000).toBeCloseTo(0.25, 2);
    }
  });

  it('counts negative values as 0', () => {
    const d = distributionOf(Float32Array.of(-5, -1, 0, 4));
    expect([d.pixels, d.max, d.activeShare, d.mean]).toEqual([4, 4, 0.25, expect.closeTo(1, 2)]);
  });

  it('adds up histograms of different ranges', () => {
    const [narrow, wide] = [new ChannelHistograms(1), new ChannelHistograms(1)];
    narrow.add(Float32Array.of(1, 2));
    wide.add(Float32Array.of(300, 5));
    const d = ChannelHistograms.distribution([narrow, wide], 0);
    expect([d.pixels, d.max, d.countAbove(100)]).toEqual([4, 300, 1]);
    expect(d.mean).toBeCloseTo(77, 0);
  });

  it.each([0.01, 0.02, 0.05])(
    'foresees the error and the mean of rounding to steps of %s',
    (step) => {
      const rounded = half.map((v) => step * Math.min(127, Math.round(v / step)));
      const mean = (f: (i: number) => number) =>
        half.reduce((s, _, i) => s + f(i), 0) / half.length;
      const d = distributionOf(half);
      const error = mean((i) => (half[i]! - rounded[i]!) ** 2);
      expect(Math.abs(d.error(step) / error - 1)).toBeLessThan(0.03);
      expect(d.roundedMean(step)).toBeCloseTo(
        mean((i) => rounded[i]!),
        3,
      );
    },
  );
});
