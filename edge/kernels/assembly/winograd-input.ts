// Input tiles of 6x6 pixels, transformed, in the order that winograd-multiply.ts reads them.

import { transformInput } from './winograd-transform';

/** Bytes from row to row of the 36 vectors in between. */
const ROW: usize = 6 * 16;

/** Eight channels of the pixel whose address is in the table, as int16. */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function pixel(entry: usize, channel: usize): v128 {
  return v128.load_ext<u8>((load<u32>(entry) as usize) + channel);
}

/**
 * One tile.
 * @param addresses of its 36 pixels (of zeros for padding)
 * @param to s16 [36][in/2][4 tiles][2 in], at this tile's place among the 4
 * @param position bytes from one of the 36 matrices to the next
 * @param scratch 36 vectors of 16 bytes
 */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function transformTile(
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

/** The 36 vectors along the rows, to their place among the products' operands. */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function transformRows(from: usize, to: usize, position: usize, pairs: i32): void {
  for (let row = from; row < from + 6 * ROW; row += ROW, to += 6 * position) {
    transformInput(
      v128.load(row),
      v128.load(row, 16),
      v128.load(row, 32),
      v128.load(row, 48),
      v128.load(row, 64),
      v128.load(row, 80),
      to,
      position,
      pairs,
    );
  }
}

/** Six bytes, two pixels of three colours, as int16 (and two more, which nobody reads). */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
function twoPixels(address: usize): v128 {
  return v128.load_ext<u8>(address);
}

/**
 * One tile of the first convolution: a window of 12x12 pixels of the image as 6x6 blocks of 2x2 pixels
 * (12 channels: two rows of 6 bytes).
 * @param image the first of the window's pixels
 * @param to s16 [36][6][4 tiles][2 in], at this tile's place among the 4
 * @param scratch 36 vectors of 16 bytes
 */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function transformImageTile(
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
