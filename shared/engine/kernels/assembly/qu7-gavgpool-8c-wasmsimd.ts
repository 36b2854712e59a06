// Global average pooling of u7 activations (NHWC).

import { narrowToU7, requantize } from './requantize';

/** Mean over all pixels, requantised: round(sum * multiplier). Channels: a multiple of 8. */
export function qu7_gavgpool_8c_wasmsimd(
  input: usize,
  pixels: i32,
  channels: i32,
  inputStride: i32,
  multiplier: f32,
  output: usize,
): void {
  const m = f32x4.splat(multiplier);
  for (let c = 0; c < channels; c += 8) {
    let low = i32x4.splat(0);
    let high = low;
    let from = input + c;
    for (let p = 0; p < pixels; p++, from += inputStride) {
      const x = v128.load_ext<u8>(from);
      low = i32x4.add(low, i32x4.extend_low_i16x8_u(x));
      high = i32x4.add(high, i32x4.extend_high_i16x8_u(x));
    }
    const q = narrowToU7(requantize(low, m), requantize(high, m));
    v128.store64_lane(output + c, q, 0);
  }
}
