/**
 * The triangle filter whose support grows with the reduction: antialiased bilinear, in the fixed
 * point of Pillow's `Image.resize(…, BILINEAR)` (Pillow, src/libImaging/Resample.c).
 * @module
 */

/**
 * Fraction bits of a weight. 8 bits of pixel and 2 of headroom leave 22 of an int32, so sums
 * never overflow and every engine rounds in the same way.
 */
export const PRECISION_BITS = 22;

/** For every output pixel along one axis: which source pixels it reads, with which weights. */
export interface Taps {
  /** Length of a row of `weights`; the largest `count`. */
  readonly stride: number;
  /** int32 [outputs]: index of the first source pixel. */
  readonly first: Int32Array;
  /** int32 [outputs]: how many source pixels, at least 1. */
  readonly count: Int32Array;
  /** int32 [outputs, stride]: weights in units of 2^-22, which sum to 1, up to rounding. */
  readonly weights: Int32Array;
}

/**
 * Taps that resize one axis.
 * @param source pixels along the axis
 * @param extent the part of them that is mapped to the outputs; may begin and end inside a pixel
 * @param outputs the requested outputs, `of` those of the whole extent
 */
export function triangleTaps(
  source: number,
  extent: { readonly from: number; readonly length: number },
  outputs: { readonly from: number; readonly count: number; readonly of: number },
): Taps {
  const scale = extent.length / outputs.of;
  const support = Math.max(scale, 1); // half the triangle's base, in source pixels
  const stride = Math.min(Math.ceil(support) * 2 + 1, source);
  const first = new Int32Array(outputs.count);
  const count = new Int32Array(outputs.count);
  const weights = new Int32Array(outputs.count * stride);
  for (let i = 0; i < outputs.count; i++) {
    const center = extent.from + (outputs.from + i + 0.5) * scale;
    const begin = Math.max(Math.trunc(center - support + 0.5), 0);
    const end = Math.min(Math.trunc(center + support + 0.5), source);
    const row = triangle(begin, end, center, support);
    first[i] = begin;
    count[i] = row.length;
    row.forEach((weight, tap) => {
      weights[i * stride + tap] = Math.trunc(0.5 + weight * 2 ** PRECISION_BITS);
    });
  }
  return { stride, first, count, weights };
}

function triangle(begin: number, end: number, center: number, support: number): number[] {
  const heights: number[] = [];
  for (let x = begin; x < end; x++) {
    heights.push(Math.max(0, 1 - Math.abs((x - center + 0.5) * (1 / support))));
  }
  const sum = heights.reduce((a, b) => a + b, 0);
  return heights.map((height) => height / sum);
}
