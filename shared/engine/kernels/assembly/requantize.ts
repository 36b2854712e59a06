// Requantisation: int32 accumulators to unsigned 7-bit activations (0..127).
//
// y = clamp(roundHalfEven(f32(acc) * multiplier), 0, 127), ReLU included since negatives clamp to 0.
// Adding 1.5 * 2^23 leaves the rounded integer in the low bits of the float's mantissa, which is
// faster than nearest + truncate. It is exact for |acc * multiplier| < 2^22, which the loader
// guarantees for every channel.

import { magic, u7Max } from './constants';

// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function roundToInt(x: v128): v128 {
  return i32x4.sub(f32x4.add(x, magic()), magic());
}

// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function requantize(acc: v128, multiplier: v128): v128 {
  return roundToInt(f32x4.mul(f32x4.convert_i32x4_s(acc), multiplier));
}

/** Narrows two vectors of 4 to 8 bytes (in the low half), clamped to 0..127. */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function narrowToU7(low: v128, high: v128): v128 {
  const words = i16x8.narrow_i32x4_s(low, high);
  return i8x16.min_u(i8x16.narrow_i16x8_u(words, words), u7Max());
}

/** Eight output channels of one pixel. */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function store8(to: usize, low: v128, high: v128, m0: v128, m1: v128): void {
  v128.store64_lane(to, narrowToU7(requantize(low, m0), requantize(high, m1)), 0);
}
