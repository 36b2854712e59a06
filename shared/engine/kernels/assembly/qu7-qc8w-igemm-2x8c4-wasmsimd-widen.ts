// For engines without relaxed SIMD. 8 accumulators + 4 widened weight vectors.

import { Widen, igemm } from './qu7-qc8w-igemm';

/** Parameters: see `igemm`. */
export function qu7_qc8w_igemm_2x8c4_wasmsimd_widen(
  indirection: usize,
  taps: i32,
  channels: i32, // a multiple of 4
  weights: usize,
  bias: usize,
  multiplier: usize,
  output: usize,
  outputStride: i32,
  pixels: i32, // at least 2
  outChannels: i32,
): void {
  igemm<Widen>(
    2, indirection, taps, channels, weights, bias, multiplier,
    output, outputStride, pixels, outChannels,
  );
}
