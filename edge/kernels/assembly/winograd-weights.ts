// The weights of a 3x3 convolution for conv-winograd.ts: computed once, at load.

import { storePairs, transformWeights } from './winograd-transform';

/**
 * @param rows s8 [out][3][3][in]
 * @param to   s16 [out/8][36][in/2][8 out][2 in], at most 144 * 128 in size
 * @param scratch 9 + 18 + 36 vectors of 16 bytes
 */
export function winogradWeights(
  rows: usize,
  outChannels: i32, // a multiple of 8
  channels: i32, // a multiple of 8
  to: usize,
  scratch: usize,
): void {
  const c8 = channels as usize;
  const position: usize = c8 * 16; // bytes of one of the 36 matrices of 8 output channels
  const half = scratch + 9 * 16;
  const whole = half + 18 * 16;
  for (let out: usize = 0; out < (outChannels as usize); out++) {
    const row = rows + out * 9 * c8;
    const panel = to + (out >> 3) * 36 * position + (out & 7) * 4;
    for (let c: usize = 0; c < c8; c += 8) {
      for (let tap: usize = 0; tap < 9; tap++) {
        v128.store(scratch + tap * 16, v128.load_ext<i8>(row + tap * c8 + c));
      }
      // Down the columns: [3][3] to [6][3]; then along the rows: to [6][6].
      for (let x: usize = 0; x < 48; x += 16) transformWeights(scratch + x, 48, half + x, 48);
      for (let y: usize = 0; y < 6; y++) transformWeights(half + y * 48, 16, whole + y * 96, 16);
      let at = panel + c * 16;
      for (let e: usize = 0; e < 36; e++, at += position) {
        storePairs(at, v128.load(whole + e * 16), 32);
      }
    }
  }
}
