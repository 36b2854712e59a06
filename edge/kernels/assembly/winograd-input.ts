// Input tiles of 6x6 pixels, transformed, in the order that winograd-multiply.ts reads them.

import { storePairs, transformInput } from './winograd-transform';

/**
 * One tile.
 * @param addresses of its 36 pixels (of zeros for padding)
 * @param to s16 [36][in/2][4 tiles][2 in], at this tile's place among the 4
 * @param scratch 36 + 36 vectors of 16 bytes
 */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function transformTile(addresses: usize, channels: usize, to: usize, scratch: usize): void {
  const position = channels * 8; // bytes of one of the 36 matrices of 4 tiles
  const half = scratch + 36 * 16;
  for (let c: usize = 0; c < channels; c += 8) {
    for (let pixel: usize = 0; pixel < 36; pixel++) {
      const address = load<u32>(addresses + pixel * 4) as usize;
      v128.store(scratch + pixel * 16, v128.load_ext<u8>(address + c));
    }
    for (let x: usize = 0; x < 96; x += 16) transformInput(scratch + x, 96, half + x, 96);
    for (let y: usize = 0; y < 576; y += 96) transformInput(half + y, 16, scratch + y, 16);
    let at = to + c * 8;
    for (let e: usize = 0; e < 36; e++, at += position) {
      storePairs(at, v128.load(scratch + e * 16), 16);
    }
  }
}
