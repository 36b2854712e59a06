// The products of conv-winograd.ts: 4 tiles x 8 output channels, over all input channels.

// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function accumulate(acc: v128, weights: v128, activations: v128): v128 {
  return i32x4.add(acc, i32x4.dot_i16x8_s(weights, activations));
}

/**
 * @param w s16 [in/2][8 out][2 in]
 * @param x s16 [in/2][4 tiles][2 in]
 * @param to s32 [4 tiles][8 out], modulo 2^32
 */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function multiplyTiles(w: usize, x: usize, channels: usize, to: usize): void {
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
