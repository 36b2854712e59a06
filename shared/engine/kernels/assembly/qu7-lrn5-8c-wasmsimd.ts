// Local response normalisation across 5 channels, beta 0.75 (Krizhevsky et al. 2012, section 3.3),
// from u7 to u7 through float32:
//
// y = round(q * multiplier / t^0.75), t = bias + squareScale * (sum of 5 squares of q)
//
// The sum of squares is an exact integer; t^0.75 = sqrt(t) * sqrt(sqrt(t)). All steps are IEEE
// float32 operations in this order, so a plain loop gives the same bits.

import { narrowToU7, roundToInt } from './requantize';

// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function normalize(q: v128, squares: v128, squareScale: v128, bias: v128, multiplier: v128): v128 {
  const t = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(squares), squareScale), bias);
  const root = f32x4.sqrt(t);
  const power = f32x4.mul(root, f32x4.sqrt(root));
  return roundToInt(f32x4.div(f32x4.mul(f32x4.convert_i32x4_s(q), multiplier), power));
}

/**
 * Input and output are dense and may be the same.
 * @param channels a multiple of 8
 * @param scratch 2 * channels + 32 bytes, 0 at load
 */
export function qu7_lrn5_8c_wasmsimd(
  input: usize,
  output: usize,
  pixels: i32,
  channels: i32,
  squareScale: f32,
  bias: f32,
  multiplier: f32,
  scratch: usize,
): void {
  const scale = f32x4.splat(squareScale);
  const offset = f32x4.splat(bias);
  const factor = f32x4.splat(multiplier);
  const squares = scratch + 16; // two zeros stand before the first channel and after the last
  for (let p = 0; p < pixels; p++) {
    for (let c: usize = 0; c < <usize>channels; c += 8) {
      const q = v128.load_ext<u8>(input + c);
      v128.store(squares + 2 * c, i16x8.mul(q, q));
    }
    for (let c: usize = 0; c < <usize>channels; c += 8) {
      const s = squares + 2 * c;
      // Four squares of at most 127^2 fit an unsigned 16-bit lane, the fifth does not.
      const four = i16x8.add(
        i16x8.add(v128.load(s - 4), v128.load(s - 2)),
        i16x8.add(v128.load(s), v128.load(s + 2)),
      );
      const fifth = v128.load(s + 4);
      const q = v128.load_ext<u8>(input + c);
      const low = normalize(
        i32x4.extend_low_i16x8_u(q),
        i32x4.add(i32x4.extend_low_i16x8_u(four), i32x4.extend_low_i16x8_u(fifth)),
        scale, offset, factor,
      );
      const high = normalize(
        i32x4.extend_high_i16x8_u(q),
        i32x4.add(i32x4.extend_high_i16x8_u(four), i32x4.extend_high_i16x8_u(fifth)),
        scale, offset, factor,
      );
      v128.store64_lane(output + c, narrowToU7(low, high), 0);
    }
    input += channels;
    output += channels;
  }
}
