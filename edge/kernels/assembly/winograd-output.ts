// From the 36 products of a tile back to its 4x4 or 3x3 pixels of 8 output channels.

import { ninth } from './constants';
import { store8 } from './requantize';
import { transformOutput } from './winograd-transform';

/**
 * The exact int32 sum of the plain convolution, with its bias.
 *
 * What comes in is 576 = 64 * 9 times the sum, modulo 2^32. Times `ninth` it is 64 times the
 * sum, modulo 2^32; the sum itself is within 2^25 (the loader checks it), so a shift brings it back.
 */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function sum(scaled: v128, bias: v128): v128 {
  return i32x4.add(i32x4.shr_s(i32x4.mul(scaled, ninth()), 6), bias);
}

/**
 * @param products s32 [36], 128 bytes apart, of 8 output channels each
 * @param addresses where the pixels go, plus `channel` (a place for waste where there is no pixel)
 * @param scratch 24 + 24 + 4 + 4 vectors of 16 bytes
 * @param side of the tile of pixels: 3 or 4
 */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function storeTile(
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
