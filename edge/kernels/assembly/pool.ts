// Max-pooling and global average pooling of u7 activations (NHWC).

import { narrowToU7, requantize } from './requantize';

/**
 * Windows are cut at the image's edges: activations are at least 0, so padding never wins, and the
 * rounded-up last window of Caffe's pooling needs no padding either. Channels: a multiple of 8.
 */
export function maxPool(
  input: usize,
  height: i32,
  width: i32,
  channels: i32,
  inputStride: i32,
  size: i32,
  stride: i32,
  pad: i32,
  output: usize,
  outHeight: i32,
  outWidth: i32,
  outputStride: i32,
): void {
  for (let oy = 0; oy < outHeight; oy++) {
    const y0 = max(oy * stride - pad, 0);
    const y1 = min(oy * stride - pad + size, height);
    for (let ox = 0; ox < outWidth; ox++) {
      const x0 = max(ox * stride - pad, 0);
      const x1 = min(ox * stride - pad + size, width);
      const rowBytes = ((x1 - x0) * inputStride) as usize;
      const first = input + (y0 * width + x0) * inputStride;
      for (let c = 0; c < channels; c += 16) {
        let best = i8x16.splat(0);
        // The last 8 of 16k + 8 channels are taken together with the 8 before them.
        const at = min(c, max(channels - 16, 0));
        for (let y = y0, row = first + at; y < y1; y++, row += width * inputStride) {
          for (let from = row; from < row + rowBytes; from += inputStride) {
            best = i8x16.max_u(best, v128.load(from));
          }
        }
        if (channels < 16) v128.store64_lane(output, best, 0);
        else v128.store(output + at, best);
      }
      output += outputStride;
    }
  }
}

/** Mean over all pixels, requantised: round(sum * multiplier). Channels: a multiple of 8. */
export function globalAveragePool(
  input: usize,
  pixels: i32,
  channels: i32,
  inputStride: i32,
  multiplier: f32,
  output: usize,
): void {
  const m = f32x4.splat(multiplier);
  for (let c = 0; c < channels; c += 8) {
    let low = i32x4.splat(0);
    let high = low;
    let from = input + c;
    for (let p = 0; p < pixels; p++, from += inputStride) {
      const x = v128.load_ext<u8>(from);
      low = i32x4.add(low, i32x4.extend_low_i16x8_u(x));
      high = i32x4.add(high, i32x4.extend_high_i16x8_u(x));
    }
    const q = narrowToU7(requantize(low, m), requantize(high, m));
    v128.store64_lane(output + c, q, 0);
  }
}
