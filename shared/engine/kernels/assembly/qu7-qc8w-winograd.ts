// The source of both qu7-qc8w-winograd kernels: convolution by Winograd's F(4x4, 3x3) and F(3x3, 4x4)
// at the points 0, 1, -1, 2, -2 and infinity (Lavin and Gray 2015, arXiv:1509.09308, section 4.1): 36
// products for a tile of 16 or 9 pixels. For CPUs where a dot product of bytes is not one
// instruction: products of int16 are quick on all of them and need no relaxed SIMD.
//
// Everything is integer, and exact. The fractions of the textbook's weight transform (1/4, 1/6, 1/24)
// are multiplied out: its rows are taken 24 times, the last one 12 times, and a factor of 2 is left to
// the output transform. A convolution in two dimensions thus gives 24 * 24 = 576 times its result.
// Transformed activations (-6350..6350) and weights (-18432..18432; with 4x4 taps -32512..32512) fit
// int16, and sums wrap modulo 2^32; `sum` recovers the plain convolution's sum.
//
// weights      s16 [out/8][36][in/2][8 out][2 in], from qc8w-winograd-packw-8c2-wasmsimd.ts
// activations  s16 [36][in/2][4 tiles][2 in]
// products     s32 [36][4 tiles][8 out]

import { ninth } from './constants';
import { store8 } from './requantize';

/** Bytes from row to row of a tile's 36 vectors between the two passes of the input transform. */
export const ROW: usize = 6 * 16;

/** Bytes of the vectors in which the transforms keep their results. */
export const TRANSFORM_BYTES: usize = 76 * 16;

/**
 * B^T d: six int16 vectors to `to`, `to + step`, ...
 * @param pairs how many pairs of them the products read (`storePairs`), 0 to store them whole
 */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function transformInput(
  d0: v128,
  d1: v128,
  d2: v128,
  d3: v128,
  d4: v128,
  d5: v128,
  to: usize,
  step: usize,
  pairs: i32,
): void {
  const d42 = i16x8.sub(d4, d2);
  const d31 = i16x8.sub(d3, d1);
  const even = i16x8.sub(d42, triple(d2)); // d4 - 4 d2
  const odd = i16x8.sub(d31, triple(d1)); // d3 - 4 d1
  const twice = i16x8.shl(d31, 1);
  storeInput(to, i16x8.add(i16x8.shl(i16x8.sub(d0, d2), 2), d42), pairs); // 4 d0 - 5 d2 + d4
  storeInput(to + step, i16x8.add(even, odd), pairs);
  storeInput(to + 2 * step, i16x8.sub(even, odd), pairs);
  storeInput(to + 3 * step, i16x8.add(d42, twice), pairs);
  storeInput(to + 4 * step, i16x8.sub(d42, twice), pairs);
  const last = i16x8.sub(i16x8.sub(d5, d3), i16x8.shl(d31, 2)); // 4 d1 - 5 d3 + d5
  storeInput(to + 5 * step, last, pairs);
}

// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function triple(x: v128): v128 {
  return i16x8.add(x, i16x8.shl(x, 1));
}

// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function storeInput(to: usize, x: v128, pairs: i32): void {
  if (pairs > 0) storePairs(to, x, 16, pairs);
  else v128.store(to, x);
}

/**
 * Stores an int16 vector in pairs, `stride` bytes apart, as the products read two channels at once.
 * @param pairs 3 or 4
 */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function storePairs(to: usize, x: v128, stride: usize, pairs: i32): void {
  v128.store_lane<u32>(to, x, 0);
  v128.store_lane<u32>(to + stride, x, 1);
  v128.store_lane<u32>(to + 2 * stride, x, 2);
  if (pairs == 4) v128.store_lane<u32>(to + 3 * stride, x, 3);
}

/** Transforms the 36 vectors along the rows and stores them where `multiplyTiles` reads them. */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function transformRows(from: usize, to: usize, position: usize, pairs: i32): void {
  for (let row = from; row < from + 6 * ROW; row += ROW, to += 6 * position) {
    transformInput(
      v128.load(row),
      v128.load(row, 16),
      v128.load(row, 32),
      v128.load(row, 48),
      v128.load(row, 64),
      v128.load(row, 80),
      to,
      position,
      pairs,
    );
  }
}

/**
 * Takes a group of 4 transformed tiles through all output channels and back to pixels.
 * @param activations s16 [36][in/2][4 tiles][2 in]; the products are written behind them
 * @param depth channels that are summed over
 * @param outputs [4 tiles][side * side] addresses of output pixels
 * @param side of a tile's pixels: 3 or 4
 */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function computeGroup(
  activations: usize,
  depth: usize,
  outputs: usize,
  side: i32,
  weights: usize,
  bias: usize,
  multiplier: usize,
  outChannels: i32,
  scratch: usize,
): void {
  const position = depth * 8; // bytes of the activations at one of the 36 positions
  const products = activations + 36 * position;
  for (let out: usize = 0; out < (outChannels as usize); out += 8) {
    for (let e: usize = 0; e < 36; e++, weights += 2 * position) {
      multiplyTiles(weights, activations + e * position, depth, products + e * 128);
    }
    const b = bias + 4 * out;
    const m = multiplier + 4 * out;
    for (let tile: usize = 0; tile < 4; tile++) {
      const to = outputs + tile * 4 * side * side;
      storeTile(products + tile * 32, to, out, b, m, scratch, side);
    }
  }
}

/**
 * The products at one position: 4 tiles x 8 output channels, summed over all input channels.
 * @param w s16 [in/2][8 out][2 in]
 * @param x s16 [in/2][4 tiles][2 in]
 * @param to s32 [4 tiles][8 out], modulo 2^32
 */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function multiplyTiles(w: usize, x: usize, channels: usize, to: usize): void {
  const zero = i32x4.splat(0);
  let c00 = zero, c10 = zero, c20 = zero, c30 = zero;
  let c01 = zero, c11 = zero, c21 = zero, c31 = zero;
  const end = x + channels * 8;
  do {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    w += 32;
    const x0 = v128.load32_splat(x);
    c00 = accumulate(c00, w0, x0);
    c01 = accumulate(c01, w1, x0);
    const x1 = v128.load32_splat(x, 4);
    c10 = accumulate(c10, w0, x1);
    c11 = accumulate(c11, w1, x1);
    const x2 = v128.load32_splat(x, 8);
    c20 = accumulate(c20, w0, x2);
    c21 = accumulate(c21, w1, x2);
    const x3 = v128.load32_splat(x, 12);
    c30 = accumulate(c30, w0, x3);
    c31 = accumulate(c31, w1, x3);
    x += 16;
  } while (x < end);
  v128.store(to, c00);
  v128.store(to, c01, 16);
  v128.store(to, c10, 32);
  v128.store(to, c11, 48);
  v128.store(to, c20, 64);
  v128.store(to, c21, 80);
  v128.store(to, c30, 96);
  v128.store(to, c31, 112);
}

// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function accumulate(acc: v128, weights: v128, activations: v128): v128 {
  return i32x4.add(acc, i32x4.dot_i16x8_s(weights, activations));
}

/**
 * From the 36 products of a tile to its pixels of 8 output channels.
 * @param products s32 [36], 128 bytes apart, of 8 output channels each
 * @param addresses of the output pixels; each gets `channel` added. Outside of the image: of a place for waste
 * @param scratch 24 + 24 + 4 + 4 vectors of 16 bytes
 * @param side of the tile of pixels: 3 or 4
 */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function storeTile(
  products: usize,
  addresses: usize,
  channel: usize,
  bias: usize,
  multiplier: usize,
  scratch: usize,
  side: i32,
): void {
  const high = scratch + 24 * 16;
  const row = high + 24 * 16;
  for (let x: usize = 0; x < 96; x += 16) {
    transformOutput(products + 8 * x, 768, scratch + x, 96, side);
    transformOutput(products + 8 * x + 16, 768, high + x, 96, side);
  }
  const b0 = v128.load(bias);
  const b1 = v128.load(bias, 16);
  const m0 = v128.load(multiplier);
  const m1 = v128.load(multiplier, 16);
  const bytes: usize = 16 * side;
  for (let y: usize = 0; y < 6 * bytes; y += 96) {
    transformOutput(scratch + y, 16, row, 16, side);
    transformOutput(high + y, 16, row + 64, 16, side);
    for (let x: usize = 0; x < bytes; x += 16, addresses += 4) {
      const low = sum(v128.load(row + x), b0);
      const upper = sum(v128.load(row + x, 64), b1);
      store8((load<u32>(addresses) as usize) + channel, low, upper, m0, m1);
    }
  }
}

/**
 * A^T m: six int32 vectors to three or four.
 * @param side 3 or 4
 */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function transformOutput(
  from: usize,
  stride: usize,
  to: usize,
  step: usize,
  side: i32,
): void {
  const m1 = v128.load(from + stride);
  const m2 = v128.load(from + 2 * stride);
  const m3 = v128.load(from + 3 * stride);
  const m4 = v128.load(from + 4 * stride);
  const s1 = i32x4.add(m1, m2);
  const d1 = i32x4.sub(m1, m2);
  const s2 = i32x4.add(m3, m4);
  const d2 = i32x4.sub(m3, m4);
  const last = i32x4.shl(v128.load(from + 5 * stride), 1); // the 2 that the weights leave
  v128.store(to, i32x4.add(i32x4.add(v128.load(from), s1), s2));
  v128.store(to + step, i32x4.add(d1, i32x4.shl(d2, 1)));
  const third = i32x4.add(s1, i32x4.shl(s2, 2));
  if (side == 3) {
    v128.store(to + 2 * step, i32x4.add(third, last));
  } else {
    v128.store(to + 2 * step, third);
    v128.store(to + 3 * step, i32x4.add(i32x4.add(d1, i32x4.shl(d2, 3)), last));
  }
}

/**
 * The exact int32 sum of the plain convolution, with its bias.
 *
 * The input is 576 = 64 * 9 times the sum, modulo 2^32. Times `ninth` it is 64 times the
 * sum, modulo 2^32; the sum itself is within 2^25 (the loader checks it), so a shift recovers it.
 */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function sum(scaled: v128, bias: v128): v128 {
  return i32x4.add(i32x4.shr_s(i32x4.mul(scaled, ninth()), 6), bias);
}

/**
 * Three or four int16 vectors of weights to six: 24 times G g (12 times in the last row).
 * @param taps 3 or 4
 */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function transformWeights(
  from: usize,
  stride: usize,
  to: usize,
  step: usize,
  taps: i32,
): void {
  const g0 = v128.load(from);
  const g1 = v128.load(from + stride);
  const g2 = v128.load(from + 2 * stride);
  const g3 = taps == 4 ? v128.load(from + 3 * stride) : i16x8.splat(0);
  const last = taps == 4 ? g3 : g2;
  const even = i16x8.add(g0, g2);
  const odd = i16x8.add(g1, g3);
  const far = i16x8.add(g0, i16x8.shl(g2, 2));
  const middle = i16x8.add(i16x8.shl(g1, 1), i16x8.shl(g3, 3));
  v128.store(to, i16x8.shl(triple(g0), 1)); // 6 g0
  v128.store(to + step, i16x8.neg(i16x8.shl(i16x8.add(even, odd), 2))); // -4 (g0 + g1 + g2 + g3)
  v128.store(to + 2 * step, i16x8.shl(i16x8.sub(odd, even), 2)); // -4 (g0 - g1 + g2 - g3)
  v128.store(to + 3 * step, i16x8.add(far, middle)); // g0 + 2 g1 + 4 g2 + 8 g3
  v128.store(to + 4 * step, i16x8.sub(far, middle)); // g0 - 2 g1 + 4 g2 - 8 g3
  v128.store(to + 5 * step, i16x8.shl(triple(last), 2)); // 12 g2, or 12 g3
}
