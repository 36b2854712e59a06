// 3x3 and 5x5 convolution, stride 1, by F(4x4, 3x3): 36 products for 16 pixels where the direct
// kernels take 144.
//
// A 5x5 window is four blocks of 3x3 taps, filled up with zeros. Their products are added before the
// output transform, so a 5x5 convolution is one of 3x3 over four times the channels: 144 products
// for 16 pixels where the direct kernels take 400. (F(2x2, 5x5) takes as many, but not in int16.)
//
// Four tiles go through all output channels at a time: their transformed activations stay in the
// nearest caches while the weights are streamed. Blocks of more tiles were slower (7.3 to 7.9 ms for
// GoogLeNet's layers on Zen 4), although they fetch the weights less often.

import { computeGroup, ROW, TRANSFORM_BYTES, transformInput, transformRows } from './qu7-qc8w-winograd';

export function qu7_qc8w_winograd_f4k3_4x8c2_wasmsimd(
  pixels: usize, // [tile][block][36] addresses of input pixels
  outputs: usize, // [tile][16] addresses of output pixels
  groups: i32, // of 4 tiles
  blocks: i32, // 3x3 blocks of the kernel
  channels: i32, // a multiple of 8
  weights: usize,
  bias: usize,
  multiplier: usize,
  outChannels: i32, // a multiple of 8
  scratch: usize, // 76 * 16 + 36 * (4 * 2 * channels + 128) bytes
): void {
  const depth = (blocks * channels) as usize;
  const position: usize = depth * 8; // bytes of the activations at one of the 36 positions
  const activations = scratch + TRANSFORM_BYTES;
  for (let group = 0; group < groups; group++) {
    for (let tile: usize = 0; tile < 4; tile++) {
      let to = activations + tile * 4;
      for (let block = 0; block < blocks; block++, pixels += 36 * 4, to += 8 * <usize>channels) {
        transformTile(pixels, <usize>channels, to, position, scratch);
      }
    }
    computeGroup(activations, depth, outputs, 4, weights, bias, multiplier, outChannels, scratch);
    outputs += 4 * 64;
  }
}

/** Eight channels of the pixel whose address is in the table, as int16. */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function pixel(entry: usize, channel: usize): v128 {
  return v128.load_ext<u8>((load<u32>(entry) as usize) + channel);
}

/**
 * Transforms one tile of 6x6 pixels.
 * @param addresses of its 36 pixels (of zeros for padding)
 * @param to s16 [36][in/2][4 tiles][2 in], at this tile's place among the 4
 * @param position bytes from one of the 36 matrices to the next
 * @param scratch 36 vectors of 16 bytes
 */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function transformTile(
  addresses: usize,
  channels: usize,
  to: usize,
  position: usize,
  scratch: usize,
): void {
  for (let c: usize = 0; c < channels; c += 8, to += 64) {
    // Down the columns, then along the rows.
    for (let x: usize = 0; x < 6; x++) {
      const column = addresses + 4 * x;
      transformInput(
        pixel(column, c),
        pixel(column + 24, c),
        pixel(column + 48, c),
        pixel(column + 72, c),
        pixel(column + 96, c),
        pixel(column + 120, c),
        scratch + 16 * x,
        ROW,
        0,
      );
    }
    transformRows(scratch, to, position, 4);
  }
}
