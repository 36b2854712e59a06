/**
 * The triangle filter for an image that a decoder has reduced: its pixels are averages of blocks.
 *
 * On averages the plain triangle would blur twice, and over three or four pixels it is coarse. So
 * its weights are adjusted until they map every parabola (over the source's pixels) to the same value as the
 * triangle on the source: the same sum, the same mean, the same variance. On photographs of 12 megapixels
 * at 1/8 the network's pixels are nearer to those of a full decode by a tenth to a fifth.
 * @module
 */
import { PRECISION_BITS, type Taps } from './filter.ts';

interface Stretch {
  readonly from: number;
  readonly length: number;
}

interface Outputs {
  readonly from: number;
  readonly count: number;
  readonly of: number;
}

/** Variance of a block that a pixel averages, in pixels². */
const BLOCK_VARIANCE = 1 / 12;

/** Half a triangle's base that always covers three pixels, or two. */
const THREE = 1.5;
const TWO = 1.01;

/**
 * Taps that resize one axis of a reduced image, see `triangleTaps`.
 * @param reduction source pixels per pixel along the axis
 */
export function reducedTaps(
  source: number,
  extent: Stretch,
  outputs: Outputs,
  reduction: number,
): Taps {
  const scale = extent.length / outputs.of;
  const width = Math.max(scale, 1 / reduction); // half the triangle's base, in reduced pixels
  // Variances add up, and a triangle's is width² / 6: with the blocks this has the original width.
  const narrow = Math.max(Math.sqrt(Math.max(width ** 2 - 6 * BLOCK_VARIANCE, 0)), TWO);
  const stride = Math.min(Math.ceil(Math.max(narrow, THREE)) * 2 + 1, source);
  const first = new Int32Array(outputs.count);
  const count = new Int32Array(outputs.count);
  const weights = new Int32Array(outputs.count * stride);
  for (let i = 0; i < outputs.count; i++) {
    const center = extent.from + (outputs.from + i + 0.5) * scale;
    const moments = momentsOf(center, width, extent, reduction);
    const row =
      bent(triangle(center, Math.max(narrow, THREE), source), moments) ??
      triangle(center, narrow, source);
    first[i] = row.begin;
    count[i] = row.heights.length;
    const sum = row.heights.reduce((a, b) => a + b, 0);
    row.heights.forEach((height, tap) => {
      weights[i * stride + tap] = Math.round((height / sum) * 2 ** PRECISION_BITS);
    });
  }
  return { stride, first, count, weights };
}

/** First and second moment about `center` of the triangle over the source's own pixels. */
function momentsOf(
  center: number,
  width: number,
  extent: Stretch,
  reduction: number,
): readonly [number, number] {
  const begin = Math.max(Math.trunc((center - width) * reduction + 0.5), extent.from * reduction);
  const end = Math.min((center + width) * reduction, (extent.from + extent.length) * reduction);
  let [sum, first, second] = [0, 0, 0];
  for (let x = begin; x < end; x++) {
    const d = (x + 0.5) / reduction - center;
    const weight = Math.max(0, 1 - Math.abs(d) / width);
    sum += weight;
    first += weight * d;
    second += weight * d * d;
  }
  return [first / sum, second / sum];
}

interface Row {
  /** Index of the first pixel. */
  readonly begin: number;
  readonly heights: readonly number[];
  /** Of each pixel's middle from the centre. */
  readonly offsets: readonly number[];
}

function triangle(center: number, reach: number, source: number): Row {
  const begin = Math.max(Math.trunc(center - reach + 0.5), 0);
  const end = Math.min(Math.trunc(center + reach + 0.5), source);
  const offsets = Array.from({ length: end - begin }, (_, i) => begin + i + 0.5 - center);
  return { begin, offsets, heights: offsets.map((d) => Math.max(0, 1 - Math.abs(d) / reach)) };
}

/**
 * The triangle times the parabola that gives it these moments, blocks included; undefined where there
 * is none, or none without a weight below 0 (at the ends, and where hardly anything is reduced).
 */
function bent(row: Row, [first, second]: readonly [number, number]): Row | undefined {
  const { offsets } = row;
  const [s0, s1, s2, s3, s4] = [0, 1, 2, 3, 4].map((power) =>
    row.heights.reduce((sum, height, i) => sum + height * offsets[i]! ** power, 0),
  ) as [number, number, number, number, number];
  const wanted = [1, first, second - BLOCK_VARIANCE] as const;
  const curve = solve([s0, s1, s2], [s1, s2, s3], [s2, s3, s4], wanted);
  if (!curve) return undefined;
  const [a, b, c] = curve;
  const heights = row.heights.map((h, i) => h * (a + b * offsets[i]! + c * offsets[i]! ** 2));
  return heights.every((height) => height >= 0) ? { ...row, heights } : undefined;
}

type Triple = readonly [number, number, number];

/** x with x · columns = v, by Cramer's rule; undefined when there is not exactly one. */
function solve(u: Triple, w: Triple, z: Triple, v: Triple): Triple | undefined {
  const whole = determinant(u, w, z);
  if (Math.abs(whole) < 1e-9) return undefined;
  return [determinant(v, w, z) / whole, determinant(u, v, z) / whole, determinant(u, w, v) / whole];
}

const determinant = (u: Triple, w: Triple, z: Triple): number =>
  u[0] * (w[1] * z[2] - w[2] * z[1]) -
  u[1] * (w[0] * z[2] - w[2] * z[0]) +
  u[2] * (w[0] * z[1] - w[1] * z[0]);
