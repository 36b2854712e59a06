// Max-pooling of u7 activations (NHWC).

/**
 * Windows are cut at the image's edges: activations are at least 0, so padding never is the maximum,
 * and the rounded-up last window of Caffe's pooling needs no padding either. Channels: a multiple of 8.
 *
 * Nine pixels are read for every window of up to 3x3. If the window is smaller or cut, its last row or
 * column is read twice, which changes no maximum. Loops as short as a window cost more than that.
 */
export function qu7_maxpool_9p16c_wasmsimd(
  input: usize,
  height: i32,
  width: i32,
  channels: i32,
  inputStride: i32,
  size: i32, // 1 to 3
  stride: i32,
  pad: i32,
  output: usize,
  outHeight: i32,
  outWidth: i32,
  outputStride: i32,
): void {
  const rowBytes = width * inputStride;
  for (let oy = 0; oy < outHeight; oy++) {
    const y0 = max(oy * stride - pad, 0);
    const y2 = min(oy * stride - pad + size, height) - 1;
    const row0 = input + y0 * rowBytes;
    const row1 = input + min(y0 + 1, y2) * rowBytes;
    const row2 = input + y2 * rowBytes;
    for (let ox = 0; ox < outWidth; ox++) {
      const x0 = max(ox * stride - pad, 0);
      const x2 = min(ox * stride - pad + size, width) - 1;
      const left = x0 * inputStride;
      const middle = min(x0 + 1, x2) * inputStride;
      const right = x2 * inputStride;
      for (let c = 0; c < channels; c += 16) {
        // The last 8 of 16k + 8 channels are computed together with the 8 before them.
        const at = min(c, max(channels - 16, 0));
        const best = i8x16.max_u(
          i8x16.max_u(maxOf3(row0 + at, left, middle, right), maxOf3(row1 + at, left, middle, right)),
          maxOf3(row2 + at, left, middle, right),
        );
        if (channels < 16) v128.store64_lane(output, best, 0);
        else v128.store(output + at, best);
      }
      output += outputStride;
    }
  }
}

// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function maxOf3(row: usize, left: i32, middle: i32, right: i32): v128 {
  const outer = i8x16.max_u(v128.load(row + left), v128.load(row + right));
  return i8x16.max_u(outer, v128.load(row + middle));
}
