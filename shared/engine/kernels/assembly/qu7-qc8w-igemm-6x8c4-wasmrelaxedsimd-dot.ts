// For CPUs where the relaxed dot product is one instruction (AVX-VNNI, Arm dot product): one for 16
// multiplications. Activations are 0..127, so every engine gives the same bits.
//
// 12 accumulators + 2 weight vectors + 1 activation splat = 15 of 16 vector registers: one more and
// V8 spills. Unrolling the loop over channels is slower.

import { Dot, igemm } from './qu7-qc8w-igemm';

/** Parameters: see `igemm`. */
export function qu7_qc8w_igemm_6x8c4_wasmrelaxedsimd_dot(
  indirection: usize,
  taps: i32,
  channels: i32, // a multiple of 4
  weights: usize,
  bias: usize,
  multiplier: usize,
  output: usize,
  outputStride: i32,
  pixels: i32, // at least 6
  outChannels: i32,
): void {
  igemm<Dot>(
    6, indirection, taps, channels, weights, bias, multiplier,
    output, outputStride, pixels, outChannels,
  );
}

/**
 * The relaxed dot product of 16 equal weights and 16 equal activations, one lane of four products.
 * An activation with its top bit set is outside the range where all CPUs agree, so the result tells
 * them apart: 4 · 127 · 255 = 129540 with AVX-VNNI, 65534 where pairs saturate at int16 (x86 without
 * it: five instructions instead of one), -508 with signed dot products (Arm). The quicker kernel can
 * not be found by timing: workerd's clock stands still during a computation.
 */
export function dotFingerprint(weight: i32, activation: i32): i32 {
  const w = i8x16.splat(weight as i8);
  const x = i8x16.splat(activation as i8);
  return i32x4.extract_lane(i32x4.relaxed_dot_i8x16_i7x16_add_s(w, x, i32x4.splat(0)), 0);
}
