import { isPairedExact } from '@hebb/model';
import { seededNormal } from '@hebb/test/support/random-weights';
import { describe, expect, it } from 'vitest';
import { covariance, reconstruct } from './round.ts';
import { quantizeRows } from './weights.ts';

const DEPTH = 64;
const SAMPLES = 400;
const normal = seededNormal(9);

/** Inputs that are correlated, as neighbouring channels are; [samples][depth]. */
const inputs = Array.from({ length: SAMPLES }, () => {
  const common = normal();
  return Float32Array.from({ length: DEPTH }, () => Math.max(0, 40 + 30 * common + 8 * normal()));
});

function covarianceOf(): Float32Array {
  const gram = new Float32Array(DEPTH * DEPTH);
  const sums = new Float64Array(DEPTH);
  for (const x of inputs) {
    for (let i = 0; i < DEPTH; i++) {
      sums[i]! += x[i]!;
      for (let j = 0; j < DEPTH; j++) gram[i * DEPTH + j]! += x[i]! * x[j]!;
    }
  }
  return covariance(gram, sums, SAMPLES);
}

/** Variance of the output's error over the samples. */
function outputError(rows: Int8Array, real: Float32Array): number {
  const errors = inputs.map((x) => x.reduce((sum, v, i) => sum + v * (rows[i]! - real[i]!), 0));
  const mean = errors.reduce((a, b) => a + b, 0) / SAMPLES;
  return errors.reduce((sum, e) => sum + (e - mean) ** 2, 0) / SAMPLES;
}

describe('rounding by reconstruction', () => {
  const h = covarianceOf();
  const cases = Array.from({ length: 8 }, () => {
    // Weights of one sign reach the limit of the rule of pairs.
    const weights = Float32Array.from({ length: DEPTH }, () => Math.abs(normal()) + 0.5);
    const { rows: nearest, scale } = quantizeRows(weights, 1);
    const real = weights.map((w) => w / scale[0]!);
    const rows = nearest.slice();
    const gradient = Float32Array.from(real, (_, i) =>
      real.reduce((sum, w, j) => sum + h[i * DEPTH + j]! * (nearest[j]! - w), 0),
    );
    reconstruct(rows, real, gradient, h, true);
    return { real, nearest, rows };
  });

  it('lowers the error of the outputs, together to less than half', () => {
    let [before, after] = [0, 0];
    for (const { real, nearest, rows } of cases) {
      before += outputError(nearest, real);
      after += outputError(rows, real);
      expect(outputError(rows, real)).toBeLessThanOrEqual(outputError(nearest, real));
    }
    expect(after).toBeLessThan(0.5 * before);
  });

  it('moves no weight by a whole step or more, and keeps the rule of pairs', () => {
    for (const { real, rows } of cases) {
      for (const [i, q] of rows.entries()) expect(Math.abs(q - real[i]!)).toBeLessThan(1);
      expect(isPairedExact(rows, DEPTH)).toBe(true);
    }
  });

  it('leaves the nearest integers where inputs are independent', () => {
    const diagonal = new Float32Array(DEPTH * DEPTH);
    for (let i = 0; i < DEPTH; i++) diagonal[i * DEPTH + i] = 1 + i;
    const { real, nearest } = cases[0]!;
    const rows = nearest.slice();
    reconstruct(
      rows,
      real,
      real.map((w, i) => (1 + i) * (nearest[i]! - w)),
      diagonal,
      true,
    );
    expect(rows).toEqual(nearest);
  });
});
