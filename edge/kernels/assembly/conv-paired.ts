// The convolution of conv-dot.ts for x86 CPUs without AVX-VNNI, where V8 expands the relaxed dot
// product to five instructions (two of them to build a constant). Here two 16-bit products of 8
// channels are added before they are widened: 2.5 instructions for each 16 multiplications.
//
// The 16-bit sum holds four products, so it is exact only if the weights allow it: for each output
// channel and each 8 input channels, the positive weights at {0,1,4,5} and those at {2,3,6,7} sum
// to at most 258 (127 * 258 < 2^15), and so do the negative ones. The quantiser sees to it; the
// loader checks it and takes conv-dot.ts where it does not hold.
//
// Tile of 4 pixels x 8 output channels: more accumulators spill.

import { ones } from './constants';
import { store8 } from './requantize';

export const PAIRED_TILE: i32 = 4;

// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function products(weights: v128, activations: v128): v128 {
  return i16x8.relaxed_dot_i8x16_i7x16_s(weights, activations);
}

// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function accumulate(acc: v128, wa: v128, xa: v128, wb: v128, xb: v128, one: v128): v128 {
  return i32x4.add(acc, i32x4.dot_i16x8_s(i16x8.add(products(wa, xa), products(wb, xb)), one));
}

export function convPaired(
  indirection: usize,
  taps: i32,
  channels: i32, // input channels per tap, a multiple of 8
  weights: usize,
  bias: usize,
  multiplier: usize,
  output: usize,
  outputStride: i32,
  pixels: i32, // at least PAIRED_TILE
  outChannels: i32, // a multiple of 8
): void {
  const one = ones();
  const panel: usize = (taps * channels) << 3;
  const last = pixels - PAIRED_TILE;
  for (let out = 0; out < outChannels; out += 8) {
    const b0 = v128.load(bias);
    const b1 = v128.load(bias, 16);
    let ind = indirection;
    for (let pixel = 0; pixel < pixels; pixel += PAIRED_TILE) {
      let c00 = b0, c10 = b0, c20 = b0, c30 = b0;
      let c01 = b1, c11 = b1, c21 = b1, c31 = b1;
      let w = weights;
      const wEnd = weights + panel;
      do {
        let a0 = load<u32>(ind) as usize;
        let a1 = load<u32>(ind, 4) as usize;
        let a2 = load<u32>(ind, 8) as usize;
        let a3 = load<u32>(ind, 12) as usize;
        ind += 4 * PAIRED_TILE;
        const end = a0 + channels;
        do {
          const wa0 = v128.load(w);
          const wa1 = v128.load(w, 16);
          const wb0 = v128.load(w, 32);
          const wb1 = v128.load(w, 48);
          w += 64;
          let xa = v128.load32_splat(a0);
          let xb = v128.load32_splat(a0, 4);
          a0 += 8;
          c00 = accumulate(c00, wa0, xa, wb0, xb, one);
          c01 = accumulate(c01, wa1, xa, wb1, xb, one);
          xa = v128.load32_splat(a1);
          xb = v128.load32_splat(a1, 4);
          a1 += 8;
          c10 = accumulate(c10, wa0, xa, wb0, xb, one);
          c11 = accumulate(c11, wa1, xa, wb1, xb, one);
          xa = v128.load32_splat(a2);
          xb = v128.load32_splat(a2, 4);
          a2 += 8;
          c20 = accumulate(c20, wa0, xa, wb0, xb, one);
          c21 = accumulate(c21, wa1, xa, wb1, xb, one);
          xa = v128.load32_splat(a3);
          xb = v128.load32_splat(a3, 4);
          a3 += 8;
          c30 = accumulate(c30, wa0, xa, wb0, xb, one);
          c31 = accumulate(c31, wa1, xa, wb1, xb, one);
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
    }
    weights += panel;
    bias += 32;
    multiplier += 32;
    output += 8;
  }
}
