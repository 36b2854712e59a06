// One-dimensional transforms of Winograd's F(4, 3) at the points 0, 1, -1, 2, -2 and infinity (Lavin
// and Gray 2015, arXiv:1509.09308, section 4.1): four outputs of a 3-tap filter by six products.
//
// Everything is integer. The fractions of the textbook's weight transform (1/4, 1/6, 1/24) are
// multiplied out: its rows are taken 24 times, the last one 12 times, and 2 is left for the output
// transform. A convolution in two dimensions so gives 24 * 24 = 576 times its result.

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
function storeInput(to: usize, x: v128, pairs: i32): void {
  if (pairs > 0) storePairs(to, x, 16, pairs);
  else v128.store(to, x);
}

// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function triple(x: v128): v128 {
  return i16x8.add(x, i16x8.shl(x, 1));
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

/**
 * Pairs of an int16 vector, `stride` bytes apart: how the products read two channels at once.
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

/**
 * A^T m: six int32 vectors to three or four.
 * @param side 3 or 4
 */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function transformOutput(
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
