import { isPairedExact, largestPairedSum, PAIRED_WEIGHT_SUM } from '@hebb/model';
import { seededNormal } from '@hebb/test/support/random-weights';
import { describe, expect, it } from 'vitest';
import { quantizeRows, toRows } from './weights.ts';

describe('quantising weights', () => {
  it('puts the input channels of each output channel next to each other', () => {
    // [in 3, out 2] → [out 2][in 3]
    expect([...toRows(Float32Array.of(1, 2, 3, 4, 5, 6), 2)]).toEqual([1, 3, 5, 2, 4, 6]);
  });

  it('maps the largest weight of each output channel to 127', () => {
    const rows = Float32Array.of(0.5, -1, 0.25, 0, 0, 0, 0, 0, 8, 4, -2, 0, 0, 0, 0, 0);
    const { rows: quantized, scale } = quantizeRows(rows, 2);
    expect([...quantized]).toEqual([64, -127, 32, 0, 0, 0, 0, 0, 127, 64, -32, 0, 0, 0, 0, 0]);
    expect(scale[0]).toBeCloseTo(1 / 127, 8);
    expect(scale[1]).toBeCloseTo(8 / 127, 8);
  });

  it('has an error of at most half a step', () => {
    const normal = seededNormal(3);
    const weights = Float32Array.from({ length: 64 * 72 }, () => normal());
    const { rows, scale } = quantizeRows(weights, 64);
    weights.forEach((w, i) => {
      const step = scale[Math.floor(i / 72)]!;
      expect(Math.abs(w - rows[i]! * step)).toBeLessThanOrEqual(step * 0.5001);
    });
  });

  it('widens the step where four large weights would overflow a 16-bit sum', () => {
    const row = Float32Array.of(1, 1, 0, 0, 1, 1, 0, 0); // all at {0,1,4,5}: 4 · 127 = 508
    const { rows, scale } = quantizeRows(row, 1);
    expect(largestPairedSum(rows, 0, 8)).toBeLessThanOrEqual(PAIRED_WEIGHT_SUM);
    expect(rows[0]! * scale[0]!).toBeCloseTo(1, 2);
    expect(isPairedExact(rows, 8)).toBe(true);
    expect(isPairedExact(Int8Array.of(127, 127, 0, 0, 127, 127, 0, 0), 8)).toBe(false);
  });

  it('accepts a channel of zeros', () => {
    const { rows, scale } = quantizeRows(new Float32Array(8), 1);
    expect([...rows]).toEqual(Array(8).fill(0));
    expect(scale[0]).toBeGreaterThan(0);
  });
});
