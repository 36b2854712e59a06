// 3x3 and 5x5 convolution, stride 1, by Winograd's F(4x4, 3x3): 36 products for 16 pixels where the
// others take 144. For CPUs where a dot product of bytes is no single instruction: products of int16
// are quick on all of them, and need no relaxed SIMD.
//
// It is exact. Transformed activations (-6350..6350) and weights (-18432..18432) fit int16; sums wrap
// modulo 2^32; and what the output transform gives is a known multiple of the plain convolution's
// sum, from which that comes back whole (winograd-output.ts).
//
// A 5x5 window is four blocks of 3x3 taps, filled up with zeros. What they give is added before the
// output transform, so a 5x5 convolution is one of 3x3 over four times the channels: 144 products
// for 16 pixels where the others take 400. (F(2x2, 5x5) takes as many, but not in int16.)
//
// Four tiles go through all output channels at a time: their transformed activations stay in the
// nearest caches, and the weights stream by. Blocks of more tiles were slower (7.3 to 7.9 ms for
// GoogLeNet's layers on Zen 4,), although they fetch the weights less often.

import { computeGroup } from './winograd-group';
import { transformTile } from './winograd-input';

/** Output pixels along a side of a tile, and tiles that are computed at a time. */
export const WINOGRAD_SIDE: i32 = 4;
export const WINOGRAD_GROUP: i32 = 4;

/** Vectors of 16 bytes that the transforms keep their results in. */
const TRANSFORM_BYTES: usize = 76 * 16;

export function convWinograd(
  pixels: usize, // [tile][block][36] addresses of input pixels
  outputs: usize, // [tile][16] addresses of output pixels
  groups: i32, // of 4 tiles
  blocks: i32, // 3x3 blocks of the kernel
  channels: i32, // a multiple of 8
  weights: usize, // see winograd-weights.ts
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
