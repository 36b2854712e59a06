// Fully connected layer: u7 activations, s8 weights, float32 logits.
// It is a thousandth of the network's work, so both builds use plain simd128.
//
// weights [out/8][in/4][8 out][4 in] s8, bias [out] s32, scale [out] f32, output [out] f32
// logit = f32(bias + sum of products) * scale

import { addPairs } from './qu7-qc8w-igemm';

// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function accumulate(acc: v128, weights: usize, activations: v128): v128 {
  return i32x4.add(acc, i32x4.dot_i16x8_s(v128.load_ext<i8>(weights), activations));
}

// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function logits(a: v128, b: v128, bias: usize, scale: usize): v128 {
  const sum = addPairs(a, b, v128.load(bias));
  return f32x4.mul(f32x4.convert_i32x4_s(sum), v128.load(scale));
}

export function qu7_f32_qc8w_gemm_1x8c4_wasmsimd_widen(
  input: usize,
  channels: i32, // a multiple of 4
  weights: usize,
  bias: usize,
  scale: usize,
  output: usize,
  outChannels: i32, // a multiple of 8
): void {
  const end = input + channels;
  for (let out = 0; out < outChannels; out += 8) {
    let c0 = i32x4.splat(0), c1 = c0, c2 = c0, c3 = c0;
    for (let a = input; a < end; a += 4) {
      const x = i16x8.extend_low_i8x16_u(v128.load32_splat(a));
      c0 = accumulate(c0, weights, x);
      c1 = accumulate(c1, weights + 8, x);
      c2 = accumulate(c2, weights + 16, x);
      c3 = accumulate(c3, weights + 24, x);
      weights += 32;
    }
    v128.store(output, logits(c0, c1, bias, scale));
    v128.store(output, logits(c2, c3, bias + 16, scale + 16), 16);
    bias += 32;
    scale += 32;
    output += 32;
  }
}
