// The first convolution, 7x7 with stride 2 over three colours, by Winograd's F(3x3, 4x4).
//
// Over blocks of 2x2 pixels it is a convolution of 4x4 taps with stride 1 over 12 channels (an eighth
// row and column of taps are 0): 36 products of 12 channels for 9 pixels, where the window has 147
// for each. The points, and so the input transform, are those of F(4x4, 3x3); transformed weights
// just fit int16 (256 * 127). It is exact for the same reasons: see conv-winograd.ts.

import { computeGroup } from './winograd-group';
import { transformImageTile } from './winograd-input';

/** Output pixels along a side of a tile. */
export const WINOGRAD_FIRST_SIDE: i32 = 3;

/** Input pixels from tile to tile. */
const STEP: i32 = 2 * WINOGRAD_FIRST_SIDE;

const CHANNELS: usize = 12;

/** Bytes of the activations at one of the 36 positions. */
const POSITION: usize = CHANNELS * 8;

/** Vectors of 16 bytes that the transforms keep their results in. */
const TRANSFORM_BYTES: usize = 76 * 16;

export function convWinogradFirst(
  image: usize, // the first pixel of the first tile's window of 12x12
  rowBytes: i32,
  columns: i32, // tiles in a row
  tiles: i32, // the last group is filled up with the last one
  outputs: usize, // [tile][9] addresses of output pixels
  groups: i32, // of 4 tiles
  weights: usize, // see winograd-weights.ts
  bias: usize,
  multiplier: usize,
  outChannels: i32, // a multiple of 8
  scratch: usize, // 76 * 16 + 36 * (96 + 128) bytes
): void {
  const activations = scratch + TRANSFORM_BYTES;
  for (let group = 0; group < groups; group++) {
    for (let i = 0; i < 4; i++) {
      const tile = min(4 * group + i, tiles - 1);
      const window = image + (tile / columns) * STEP * rowBytes + (tile % columns) * STEP * 3;
      transformImageTile(window, rowBytes, activations + 4 * i, POSITION, scratch);
    }
    computeGroup(activations, CHANNELS, outputs, 3, weights, bias, multiplier, outChannels, scratch);
    outputs += 4 * 36;
  }
}
