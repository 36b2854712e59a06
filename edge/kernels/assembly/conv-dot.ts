// u7 x s8 convolution by indirection, tile of 6 pixels x 8 output channels, one relaxed dot
// product per 16 multiplications. For CPUs where that is one instruction (AVX-VNNI, Arm dot product).
//
// i32x4.relaxed_dot_i8x16_i7x16_add_s sums four products into each of four int32 lanes. Activations
// are 0..127, so every engine gives the same bits. 12 accumulators + 2 weight vectors + 1 activation
// splat = 15 of 16 vector registers: one more and V8 spills. Unrolling the channel loop is slower.
//
// The layout that all convolution kernels here share:
// weights      [out/8][tap][in/4][8 out][4 in]  s8
// bias         [out] s32, multiplier [out] f32
// indirection  [tile][tap][pixel of the tile]  addresses of input pixels (of zeros for padding)
// output       pixel p, channel c at output + p * outputStride + c, u7

import { store8 } from './requantize';

/** Pixels per tile: the engine lays out the indirection table with it. */
export const DOT_TILE: i32 = 6;

// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function dot(weights: v128, activations: v128, acc: v128): v128 {
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(weights, activations, acc);
}

export function convDot(
  indirection: usize,
  taps: i32,
  channels: i32, // input channels per tap, a multiple of 4
  weights: usize,
  bias: usize,
  multiplier: usize,
  output: usize,
  outputStride: i32, // bytes from pixel to pixel
  pixels: i32, // at least DOT_TILE; a last, partial tile overlaps the one before it
  outChannels: i32, // a multiple of 8
): void {
  const panel: usize = (taps * channels) << 3;
  const last = pixels - DOT_TILE;
  for (let out = 0; out < outChannels; out += 8) {
    const b0 = v128.load(bias);
    const b1 = v128.load(bias, 16);
    let ind = indirection;
    for (let pixel = 0; pixel < pixels; pixel += DOT_TILE) {
      let c00 = b0, c10 = b0, c20 = b0, c30 = b0, c40 = b0, c50 = b0;
      let c01 = b1, c11 = b1, c21 = b1, c31 = b1, c41 = b1, c51 = b1;
      let w = weights;
      const wEnd = weights + panel;
      do {
        let a0 = load<u32>(ind) as usize;
        let a1 = load<u32>(ind, 4) as usize;
        let a2 = load<u32>(ind, 8) as usize;
        let a3 = load<u32>(ind, 12) as usize;
        let a4 = load<u32>(ind, 16) as usize;
        let a5 = load<u32>(ind, 20) as usize;
        ind += 4 * DOT_TILE;
        const end = a0 + channels;
        do {
          const w0 = v128.load(w);
          const w1 = v128.load(w, 16);
          w += 32;
          let x = v128.load32_splat(a0);
          a0 += 4;
          c00 = dot(w0, x, c00);
          c01 = dot(w1, x, c01);
          x = v128.load32_splat(a1);
          a1 += 4;
          c10 = dot(w0, x, c10);
          c11 = dot(w1, x, c11);
          x = v128.load32_splat(a2);
          a2 += 4;
          c20 = dot(w0, x, c20);
          c21 = dot(w1, x, c21);
          x = v128.load32_splat(a3);
          a3 += 4;
          c30 = dot(w0, x, c30);
          c31 = dot(w1, x, c31);
          x = v128.load32_splat(a4);
          a4 += 4;
          c40 = dot(w0, x, c40);
          c41 = dot(w1, x, c41);
          x = v128.load32_splat(a5);
          a5 += 4;
          c50 = dot(w0, x, c50);
          c51 = dot(w1, x, c51);
        } while (a0 < end);
      } while (w < wEnd);
      const m0 = v128.load(multiplier);
      const m1 = v128.load(multiplier, 16);
      const s = outputStride as usize;
      const o = output + (min(pixel, last) as usize) * s;
      store8(o, c00, c01, m0, m1);
      store8(o + s, c10, c11, m0, m1);
      store8(o + 2 * s, c20, c21, m0, m1);
      store8(o + 3 * s, c30, c31, m0, m1);
      store8(o + 4 * s, c40, c41, m0, m1);
      store8(o + 5 * s, c50, c51, m0, m1);
    }
    weights += panel;
    bias += 32;
    multiplier += 32;
    output += 8;
  }
}

/**
 * How this machine computes the relaxed dot product outside the range where all agree (an activation
 * with its top bit set): 4 · 255 · 127 = 129540 with AVX-VNNI, 65534 where pairs saturate at int16
 * (x86 without it: five instructions instead of one), -508 with signed dot products (Arm). No
 * clock is needed to choose the quicker kernel; workerd's clock stands still while we compute.
 */
export function dotFingerprint(weight: i32, activation: i32): i32 {
  const w = i8x16.splat(weight as i8);
  const x = i8x16.splat(activation as i8);
  return i32x4.extract_lane(i32x4.relaxed_dot_i8x16_i7x16_add_s(w, x, i32x4.splat(0)), 0);
}
