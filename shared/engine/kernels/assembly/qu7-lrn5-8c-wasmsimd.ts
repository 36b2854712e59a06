// Local response normalisation across 5 channels, beta 0.75 (Krizhevsky et al. 2012, section 3.3),
// from u7 to u7 through float32:
//
// x = q * factor, y = round(x * multiplier / t^0.75), t = bias + squareScale * (sum of 5 squares of x)
//
// Each channel has a factor of its own, at most 1; if all are 1 the sum of squares is an exact integer. The sum is
// ((a + b) + (c + d)) + e from the lowest channel to the highest; t^0.75 = sqrt(t) * sqrt(sqrt(t)). All steps are
// IEEE float32 operations in this order, so a plain loop gives the same bits.

import { narrowToU7, roundToInt } from './requantize';

// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function normalize(x: v128, s: usize, squareScale: v128, bias: v128, multiplier: v128): v128 {
  const below = f32x4.add(v128.load(s - 8), v128.load(s - 4));
  const above = f32x4.add(v128.load(s), v128.load(s + 4));
  const squares = f32x4.add(f32x4.add(below, above), v128.load(s + 8));
  const t = f32x4.add(f32x4.mul(squares, squareScale), bias);
  const root = f32x4.sqrt(t);
  const power = f32x4.mul(root, f32x4.sqrt(root));
  return roundToInt(f32x4.div(f32x4.mul(x, multiplier), power));
}

/**
 * Four channels of the input, in steps of the scale.
 */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function scaled(q: v128, factors: usize): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(q), v128.load(factors));
}

/**
 * Input and output are dense and may be the same.
 * @param channels a multiple of 8
 * @param factors float32 [channels]
 * @param scratch 4 * channels + 32 bytes, 0 at load
 */
export function qu7_lrn5_8c_wasmsimd(
  input: usize,
  output: usize,
  pixels: i32,
  channels: i32,
  factors: usize,
  squareScale: f32,
  bias: f32,
  multiplier: f32,
  scratch: usize,
): void {
  const scale = f32x4.splat(squareScale);
  const offset = f32x4.splat(bias);
  const factor = f32x4.splat(multiplier);
  const squares = scratch + 16; // zeros stand before the first channel and after the last
  for (let p = 0; p < pixels; p++) {
    for (let c: usize = 0; c < <usize>channels; c += 8) {
      const q = v128.load_ext<u8>(input + c);
      const low = scaled(i32x4.extend_low_i16x8_u(q), factors + 4 * c);
      const high = scaled(i32x4.extend_high_i16x8_u(q), factors + 4 * c + 16);
      v128.store(squares + 4 * c, f32x4.mul(low, low));
      v128.store(squares + 4 * c + 16, f32x4.mul(high, high));
    }
    for (let c: usize = 0; c < <usize>channels; c += 8) {
      const s = squares + 4 * c;
      const q = v128.load_ext<u8>(input + c);
      const low = scaled(i32x4.extend_low_i16x8_u(q), factors + 4 * c);
      const high = scaled(i32x4.extend_high_i16x8_u(q), factors + 4 * c + 16);
      v128.store64_lane(
        output + c,
        narrowToU7(
          normalize(low, s, scale, offset, factor),
          normalize(high, s + 16, scale, offset, factor),
        ),
        0,
      );
    }
    input += channels;
    output += channels;
  }
}
