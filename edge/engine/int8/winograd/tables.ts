/**
 * Addresses that Winograd's kernels read from and write to, tile by tile, idle tiles included.
 * @module
 */
import type { ConvLayer } from '../../../../shared/model/network/layer.ts';
import type { Arena } from '../arena.ts';
import { type Tiling, WINDOW } from './tiling.ts';
import { blocksOf } from './weights.ts';

/** A layer's pixels. */
export interface Grid {
  readonly address: number;
  /** Bytes from pixel to pixel. */
  readonly stride: number;
  /** Address that stands for the pixels outside of the image. */
  readonly outside: number;
}

type Offset = readonly [y: number, x: number];

/** Number of addresses in the table of a layer's input, and of its output. */
export const inputTableLength = (layer: ConvLayer, { tiles }: Tiling): number =>
  tiles * blocksOf(layer).length * WINDOW ** 2;
export const outputTableLength = ({ tiles, side }: Tiling): number => tiles * side ** 2;

/** [tile][block][6][6] addresses of input pixels. */
export function placeInputTable(layer: ConvLayer, tiling: Tiling, input: Grid, arena: Arena) {
  const offsets = blocksOf(layer).map(([y, x]): Offset => [y - layer.pad, x - layer.pad]);
  return placeSquares(layer, tiling, WINDOW, offsets, input, arena);
}

/** [tile][side][side] addresses of output pixels. */
export function placeOutputTable(layer: ConvLayer, tiling: Tiling, output: Grid, arena: Arena) {
  return placeSquares(layer, tiling, tiling.side, [[0, 0]], output, arena);
}

/** [tile][offset][size][size] addresses. Offsets are from a tile's first output pixel. */
function placeSquares(
  { shape: [height, width] }: ConvLayer,
  { rows, columns, side, tiles }: Tiling,
  size: number,
  offsets: readonly Offset[],
  { address: first, stride, outside }: Grid,
  arena: Arena,
): number {
  const length = tiles * offsets.length * size * size;
  const address = arena.reserve(length * 4);
  const table = arena.words(address, length).fill(outside);
  let at = 0;
  for (let tile = 0; tile < rows * columns; tile++) {
    for (const [top, left] of offsets) {
      for (let i = 0; i < size * size; i++, at++) {
        const y = Math.floor(tile / columns) * side + top + Math.floor(i / size);
        const x = (tile % columns) * side + left + (i % size);
        if (y < 0 || y >= height || x < 0 || x >= width) continue;
        table[at] = first + (y * width + x) * stride;
      }
    }
  }
  return address;
}
