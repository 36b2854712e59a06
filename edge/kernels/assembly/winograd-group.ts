// A group of 4 transformed tiles through all output channels, and back to pixels.

import { multiplyTiles } from './winograd-multiply';
import { storeTile } from './winograd-output';

/**
 * @param activations s16 [36][in/2][4 tiles][2 in]; the products go behind them
 * @param depth channels that are summed over
 * @param outputs [4 tiles][side * side] addresses of output pixels
 * @param side of a tile's pixels: 3 or 4
 */
// @ts-ignore: a decorator on a function is AssemblyScript, not TypeScript
@inline
export function computeGroup(
  activations: usize,
  depth: usize,
  outputs: usize,
  side: i32,
  weights: usize, // see winograd-weights.ts
  bias: usize,
  multiplier: usize,
  outChannels: i32,
  scratch: usize,
): void {
  const position = depth * 8; // bytes of the activations at one of the 36 positions
  const products = activations + 36 * position;
  for (let out: usize = 0; out < (outChannels as usize); out += 8) {
    for (let e: usize = 0; e < 36; e++, weights += 2 * position) {
      multiplyTiles(weights, activations + e * position, depth, products + e * 128);
    }
    const b = bias + 4 * out;
    const m = multiplier + 4 * out;
    for (let tile: usize = 0; tile < 4; tile++) {
      const to = outputs + tile * 4 * side * side;
      storeTile(products + tile * 32, to, out, b, m, scratch, side);
    }
  }
}
