// The convolution of conv-dot.ts in plain simd128, for engines without relaxed SIMD: bytes are
// widened to int16 and multiplied by i32x4.dot_i16x8_s. Each accumulator holds two output channels
// as two partial sums of two input channels each; they are added once, at the end.
//
// Tile of 2 pixels x 8 output channels: 8 accumulators + 4 widened weight vectors.

import { store8 } from './requantize';

export const WIDEN_TILE: i32 = 2;

// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function accumulate(acc: v128, weights: v128, activations: v128): v128 {
  return i32x4.add(acc, i32x4.dot_i16x8_s(weights, activations));
}

/** [a0+a1, a2+a3, b0+b1, b2+b3] + bias */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function addPairs(a: v128, b: v128, bias: v128): v128 {
  const even = v128.shuffle<i32>(a, b, 0, 2, 4, 6);
  const odd = v128.shuffle<i32>(a, b, 1, 3, 5, 7);
  return i32x4.add(i32x4.add(even, odd), bias);
}

export function convWiden(
  indirection: usize,
  taps: i32,
  channels: i32, // input channels per tap, a multiple of 4
  weights: usize,
  bias: usize,
  multiplier: usize,
  output: usize,
  outputStride: i32,
  pixels: i32, // at least WIDEN_TILE
  outChannels: i32, // a multiple of 8
): void {
  const panel: usize = (taps * channels) << 3;
  const last = pixels - WIDEN_TILE;
  for (let out = 0; out < outChannels; out += 8) {
    let ind = indirection;
    for (let pixel = 0; pixel < pixels; pixel += WIDEN_TILE) {
      const zero = i32x4.splat(0);
      let c00 = zero, c01 = zero, c02 = zero, c03 = zero;
      let c10 = zero, c11 = zero, c12 = zero, c13 = zero;
      let w = weights;
      const wEnd = weights + panel;
      do {
        let a0 = load<u32>(ind) as usize;
        let a1 = load<u32>(ind, 4) as usize;
        ind += 4 * WIDEN_TILE;
        const end = a0 + channels;
        do {
          const w0 = v128.load_ext<i8>(w);
          const w1 = v128.load_ext<i8>(w, 8);
          const w2 = v128.load_ext<i8>(w, 16);
          const w3 = v128.load_ext<i8>(w, 24);
          w += 32;
          const x0 = i16x8.extend_low_i8x16_u(v128.load32_splat(a0));
          a0 += 4;
          c00 = accumulate(c00, w0, x0);
          c01 = accumulate(c01, w1, x0);
          c02 = accumulate(c02, w2, x0);
          c03 = accumulate(c03, w3, x0);
          const x1 = i16x8.extend_low_i8x16_u(v128.load32_splat(a1));
          a1 += 4;
          c10 = accumulate(c10, w0, x1);
          c11 = accumulate(c11, w1, x1);
          c12 = accumulate(c12, w2, x1);
          c13 = accumulate(c13, w3, x1);
        } while (a0 < end);
      } while (w < wEnd);
      const b0 = v128.load(bias);
      const b1 = v128.load(bias, 16);
      const m0 = v128.load(multiplier);
      const m1 = v128.load(multiplier, 16);
      const s = outputStride as usize;
      const o = output + (min(pixel, last) as usize) * s;
      store8(o, addPairs(c00, c01, b0), addPairs(c02, c03, b1), m0, m1);
      store8(o + s, addPairs(c10, c11, b0), addPairs(c12, c13, b1), m0, m1);
    }
    weights += panel;
    bias += 32;
    multiplier += 32;
    output += 8;
  }
}
