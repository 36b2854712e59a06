// The source of all qu7-qc8w-igemm kernels: u7 x s8 convolution by indirection, in tiles of `mr`
// pixels x 8 output channels. Each kernel is one call of `igemm` with its way to multiply and a
// constant tile; the compiler inlines it and drops the rows and branches that the kernel lacks.
//
// The layout that all of them share:
// weights      [out/8][tap][in/4][8 out][4 in]  s8
// bias         [out] s32, multiplier [out] f32
// indirection  [tile][tap][pixel of the tile]  addresses of input pixels (of zeros for padding)
// output       pixel p, channel c at output + p * outputStride + c, u7

import { ones } from './constants';
import { store8 } from './requantize';

/** i32x4.relaxed_dot_i8x16_i7x16_add_s: four products into each of four int32 lanes. */
export class Dot {}
/** Two products of i16x8.relaxed_dot_i8x16_i7x16_s each, added in 16 bits before they are widened. */
export class Paired {}
/** Bytes widened to int16 and multiplied by i32x4.dot_i16x8_s; simd128 suffices. */
export class Widen {}

/**
 * The kernel of a tile of `mr` pixels.
 * @typeParam How `Dot`, `Paired` or `Widen`
 */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function igemm<How>(
  mr: i32, // 2, 4 or 6; only 2 with Widen
  indirection: usize,
  taps: i32,
  channels: i32, // input channels per tap: a multiple of 4, with Paired of 8
  weights: usize,
  bias: usize,
  multiplier: usize,
  output: usize,
  outputStride: i32, // bytes from pixel to pixel
  pixels: i32, // at least `mr`; a last, partial tile overlaps the one before it
  outChannels: i32, // a multiple of 8
): void {
  const panel: usize = (taps * channels) << 3;
  const last = pixels - mr;
  for (let out = 0; out < outChannels; out += 8) {
    let ind = indirection;
    for (let pixel = 0; pixel < pixels; pixel += mr) {
      const s = outputStride as usize;
      const o = output + (min(pixel, last) as usize) * s;
      if (idof<How>() == idof<Widen>()) widenTile(ind, channels, weights, panel, bias, multiplier, o, s);
      else dotTile<How>(mr, ind, channels, weights, panel, bias, multiplier, o, s);
      ind += 4 * mr * taps;
    }
    weights += panel;
    bias += 32;
    multiplier += 32;
    output += 8;
  }
}

/** Two accumulators of 4 output channels for each pixel. */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function dotTile<How>(
  mr: i32,
  ind: usize,
  channels: i32,
  w: usize,
  panel: usize,
  bias: usize,
  multiplier: usize,
  o: usize,
  s: usize,
): void {
  const isPaired = idof<How>() == idof<Paired>();
  const step: usize = isPaired ? 8 : 4; // input channels at a time
  const one = ones();
  const b0 = v128.load(bias);
  const b1 = v128.load(bias, 16);
  let c00 = b0, c10 = b0, c20 = b0, c30 = b0, c40 = b0, c50 = b0;
  let c01 = b1, c11 = b1, c21 = b1, c31 = b1, c41 = b1, c51 = b1;
  const wEnd = w + panel;
  do {
    let a0 = load<u32>(ind) as usize;
    let a1 = load<u32>(ind, 4) as usize;
    let a2 = mr > 2 ? load<u32>(ind, 8) as usize : 0;
    let a3 = mr > 2 ? load<u32>(ind, 12) as usize : 0;
    let a4 = mr > 4 ? load<u32>(ind, 16) as usize : 0;
    let a5 = mr > 4 ? load<u32>(ind, 20) as usize : 0;
    ind += 4 * mr;
    const end = a0 + channels;
    do {
      const wa0 = v128.load(w);
      const wa1 = v128.load(w, 16);
      const wb0 = isPaired ? v128.load(w, 32) : wa0;
      const wb1 = isPaired ? v128.load(w, 48) : wa1;
      w += 8 * step;
      let xa = v128.load32_splat(a0);
      let xb = isPaired ? v128.load32_splat(a0, 4) : xa;
      a0 += step;
      c00 = accumulate<How>(c00, wa0, xa, wb0, xb, one);
      c01 = accumulate<How>(c01, wa1, xa, wb1, xb, one);
      xa = v128.load32_splat(a1);
      xb = isPaired ? v128.load32_splat(a1, 4) : xa;
      a1 += step;
      c10 = accumulate<How>(c10, wa0, xa, wb0, xb, one);
      c11 = accumulate<How>(c11, wa1, xa, wb1, xb, one);
      if (mr > 2) {
        xa = v128.load32_splat(a2);
        xb = isPaired ? v128.load32_splat(a2, 4) : xa;
        a2 += step;
        c20 = accumulate<How>(c20, wa0, xa, wb0, xb, one);
        c21 = accumulate<How>(c21, wa1, xa, wb1, xb, one);
        xa = v128.load32_splat(a3);
        xb = isPaired ? v128.load32_splat(a3, 4) : xa;
        a3 += step;
        c30 = accumulate<How>(c30, wa0, xa, wb0, xb, one);
        c31 = accumulate<How>(c31, wa1, xa, wb1, xb, one);
      }
      if (mr > 4) {
        xa = v128.load32_splat(a4);
        xb = isPaired ? v128.load32_splat(a4, 4) : xa;
        a4 += step;
        c40 = accumulate<How>(c40, wa0, xa, wb0, xb, one);
        c41 = accumulate<How>(c41, wa1, xa, wb1, xb, one);
        xa = v128.load32_splat(a5);
        xb = isPaired ? v128.load32_splat(a5, 4) : xa;
        a5 += step;
        c50 = accumulate<How>(c50, wa0, xa, wb0, xb, one);
        c51 = accumulate<How>(c51, wa1, xa, wb1, xb, one);
      }
    } while (a0 < end);
  } while (w < wEnd);
  const m0 = v128.load(multiplier);
  const m1 = v128.load(multiplier, 16);
  store8(o, c00, c01, m0, m1);
  store8(o + s, c10, c11, m0, m1);
  if (mr > 2) {
    store8(o + 2 * s, c20, c21, m0, m1);
    store8(o + 3 * s, c30, c31, m0, m1);
  }
  if (mr > 4) {
    store8(o + 4 * s, c40, c41, m0, m1);
    store8(o + 5 * s, c50, c51, m0, m1);
  }
}

// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function accumulate<How>(acc: v128, wa: v128, xa: v128, wb: v128, xb: v128, one: v128): v128 {
  return idof<How>() == idof<Dot>()
    ? i32x4.relaxed_dot_i8x16_i7x16_add_s(wa, xa, acc)
    : i32x4.add(acc, i32x4.dot_i16x8_s(i16x8.add(pairs(wa, xa), pairs(wb, xb)), one));
}

// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function pairs(weights: v128, activations: v128): v128 {
  return i16x8.relaxed_dot_i8x16_i7x16_s(weights, activations);
}

/**
 * Four accumulators for each of 2 pixels: two output channels as two partial sums of two input
 * channels each, which are added once, at the end.
 */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function widenTile(
  ind: usize,
  channels: i32,
  w: usize,
  panel: usize,
  bias: usize,
  multiplier: usize,
  o: usize,
  s: usize,
): void {
  const zero = i32x4.splat(0);
  let c00 = zero, c01 = zero, c02 = zero, c03 = zero;
  let c10 = zero, c11 = zero, c12 = zero, c13 = zero;
  const wEnd = w + panel;
  do {
    let a0 = load<u32>(ind) as usize;
    let a1 = load<u32>(ind, 4) as usize;
    ind += 8;
    const end = a0 + channels;
    do {
      const w0 = v128.load_ext<i8>(w);
      const w1 = v128.load_ext<i8>(w, 8);
      const w2 = v128.load_ext<i8>(w, 16);
      const w3 = v128.load_ext<i8>(w, 24);
      w += 32;
      const x0 = i16x8.extend_low_i8x16_u(v128.load32_splat(a0));
      a0 += 4;
      c00 = i32x4.add(c00, i32x4.dot_i16x8_s(w0, x0));
      c01 = i32x4.add(c01, i32x4.dot_i16x8_s(w1, x0));
      c02 = i32x4.add(c02, i32x4.dot_i16x8_s(w2, x0));
      c03 = i32x4.add(c03, i32x4.dot_i16x8_s(w3, x0));
      const x1 = i16x8.extend_low_i8x16_u(v128.load32_splat(a1));
      a1 += 4;
      c10 = i32x4.add(c10, i32x4.dot_i16x8_s(w0, x1));
      c11 = i32x4.add(c11, i32x4.dot_i16x8_s(w1, x1));
      c12 = i32x4.add(c12, i32x4.dot_i16x8_s(w2, x1));
      c13 = i32x4.add(c13, i32x4.dot_i16x8_s(w3, x1));
    } while (a0 < end);
  } while (w < wEnd);
  const b0 = v128.load(bias);
  const b1 = v128.load(bias, 16);
  const m0 = v128.load(multiplier);
  const m1 = v128.load(multiplier, 16);
  store8(o, addPairs(c00, c01, b0), addPairs(c02, c03, b1), m0, m1);
  store8(o + s, addPairs(c10, c11, b0), addPairs(c12, c13, b1), m0, m1);
}

/** [a0+a1, a2+a3, b0+b1, b2+b3] + bias */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function addPairs(a: v128, b: v128, bias: v128): v128 {
  const even = v128.shuffle<i32>(a, b, 0, 2, 4, 6);
  const odd = v128.shuffle<i32>(a, b, 1, 3, 5, 7);
  return i32x4.add(i32x4.add(even, odd), bias);
}
