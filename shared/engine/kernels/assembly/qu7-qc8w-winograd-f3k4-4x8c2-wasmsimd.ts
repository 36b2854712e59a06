// The first convolution, 7x7 with stride 2 over three colours, by F(3x3, 4x4).
//
// Over blocks of 2x2 pixels it is a convolution of 4x4 taps with stride 1 over 12 channels (an eighth
// row and column of taps are 0): 36 products of 12 channels for 9 pixels, where the window has 147
// for each. The points, and so the input transform, are those of F(4x4, 3x3).

import { computeGroup, ROW, TRANSFORM_BYTES, transformInput, transformRows } from './qu7-qc8w-winograd';

/** Input pixels from tile to tile: 3 output pixels at stride 2. */
const STEP: i32 = 6;

const CHANNELS: usize = 12;

/** Bytes of the activations at one of the 36 positions. */
const POSITION: usize = CHANNELS * 8;

export function qu7_qc8w_winograd_f3k4_4x8c2_wasmsimd(
  image: usize, // the first pixel of the first tile's window of 12x12
  rowBytes: i32,
  columns: i32, // tiles in a row
  tiles: i32, // the last group is filled up with the last one
  outputs: usize, // [tile][9] addresses of output pixels
  groups: i32, // of 4 tiles
  weights: usize,
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

/** Six bytes, two pixels of three colours, as int16 (and two more, which are not used). */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function twoPixels(address: usize): v128 {
  return v128.load_ext<u8>(address);
}

/**
 * Transforms one tile: a window of 12x12 pixels of the image as 6x6 blocks of 2x2 pixels
 * (12 channels: two rows of 6 bytes).
 * @param image the first of the window's pixels
 * @param to s16 [36][6][4 tiles][2 in], at this tile's place among the 4
 * @param scratch 36 vectors of 16 bytes
 */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function transformImageTile(
  image: usize,
  rowBytes: usize,
  to: usize,
  position: usize,
  scratch: usize,
): void {
  for (let half = image; half <= image + rowBytes; half += rowBytes, to += 48) {
    for (let x: usize = 0; x < 6; x++) {
      const column = half + 6 * x;
      transformInput(
        twoPixels(column),
        twoPixels(column + 2 * rowBytes),
        twoPixels(column + 4 * rowBytes),
        twoPixels(column + 6 * rowBytes),
        twoPixels(column + 8 * rowBytes),
        twoPixels(column + 10 * rowBytes),
        scratch + 16 * x,
        ROW,
        0,
      );
    }
    transformRows(scratch, to, position, 3);
  }
}
