// For x86 CPUs without AVX-VNNI, where V8 expands the relaxed dot product to five instructions (two
// of them to build a constant). Here two 16-bit products of 8 channels are added before they are
// widened: 2.5 instructions for 16 multiplications.
//
// The 16-bit sum holds four products, so it is exact only if the weights allow it: for each output
// channel and each 8 input channels, the positive weights at {0,1,4,5} and those at {2,3,6,7} sum
// to at most 258 (127 * 258 < 2^15), and so do the negative ones. The quantiser chooses its scales
// accordingly; the loader checks the rule and takes the `dot` kernel for layers that break it.
//
// With more accumulators V8 spills.

import { Paired, igemm } from './qu7-qc8w-igemm';

/** Parameters: see `igemm`. */
export function qu7_qc8w_igemm_4x8c4_wasmrelaxedsimd_paired(
  indirection: usize,
  taps: i32,
  channels: i32, // a multiple of 8
  weights: usize,
  bias: usize,
  multiplier: usize,
  output: usize,
  outputStride: i32,
  pixels: i32, // at least 4
  outChannels: i32,
): void {
  igemm<Paired>(
    4, indirection, taps, channels, weights, bias, multiplier,
    output, outputStride, pixels, outChannels,
  );
}
