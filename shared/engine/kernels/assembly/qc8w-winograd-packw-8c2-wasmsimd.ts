// Transforms and packs the weights of the qu7-qc8w-winograd kernels, once, at load.

import { storePairs, transformWeights } from './qu7-qc8w-winograd';

/**
 * @param rows s8 [out][taps][taps][in]
 * @param to   s16 [out/8][36][in/2][8 out][2 in], within int16: 144 * 128 with 3x3 taps, 256 * 127 with 4x4
 * @param scratch 16 + 24 + 36 vectors of 16 bytes
 */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function transform(
  rows: usize,
  outChannels: usize,
  channels: usize,
  to: usize,
  scratch: usize,
  taps: usize,
): void {
  const window = taps * taps;
  const position = channels * 16; // bytes of one of the 36 matrices of 8 output channels
  const half = scratch + 16 * 16;
  const whole = half + 24 * 16;
  const width = taps * 16;
  for (let out: usize = 0; out < outChannels; out++) {
    const row = rows + out * window * channels;
    const panel = to + (out >> 3) * 36 * position + (out & 7) * 4;
    for (let next: usize = 0; next < channels; next += 8) {
      // The last 4 of 8k + 4 channels are computed together with the 4 before them.
      const c = min(next, channels - 8);
      for (let tap: usize = 0; tap < window; tap++) {
        v128.store(scratch + tap * 16, v128.load_ext<i8>(row + tap * channels + c));
      }
      // Down the columns: [taps][taps] to [6][taps]; then along the rows: to [6][6].
      for (let x: usize = 0; x < width; x += 16) {
        transformWeights(scratch + x, width, half + x, width, <i32>taps);
      }
      for (let y: usize = 0; y < 6; y++) {
        transformWeights(half + y * width, 16, whole + y * 96, 16, <i32>taps);
      }
      let at = panel + c * 16;
      for (let e: usize = 0; e < 36; e++, at += position) {
        storePairs(at, v128.load(whole + e * 16), 32, 4);
      }
    }
  }
}

/** `transform` with 3x3 taps. Channels and output channels: multiples of 8. */
export function qc8w_winograd_f4k3_packw_8c2_wasmsimd(
  rows: usize,
  outChannels: i32,
  channels: i32,
  to: usize,
  scratch: usize,
): void {
  transform(rows, outChannels, channels, to, scratch, 3);
}

/** `transform` with the first convolution's 4x4 taps and 12 channels. */
export function qc8w_winograd_f3k4_packw_8c2_wasmsimd(
  rows: usize,
  outChannels: i32,
  to: usize,
  scratch: usize,
): void {
  transform(rows, outChannels, 12, to, scratch, 4);
}
