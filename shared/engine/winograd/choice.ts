/**
 * Which convolutions run by Winograd in exact integers (shared/engine/kernels/assembly/qu7-qc8w-winograd.ts).
 * @module
 */
import type { ConvLayer, Layer } from '@hebb/model/network/layer';
import type { Kernels } from '../kernels.ts';

/** Sums must fit 26 of 32 bits, sign included: six bits go to the 64 of the factor 576 = 64 · 9. */
const LARGEST_SUM = 2 ** 25 - 1;
const LARGEST_ACTIVATION = 127;

/** A layer that Winograd's kernels can compute; the one with a 7×7 window is the first convolution. */
export type WinogradLayer = ConvLayer & { readonly size: 3 | 5 | 7 };

/** Whether Winograd's kernels can compute a layer of this shape. */
export function isWinogradShape(layer: Layer): layer is WinogradLayer {
  if (layer.kind !== 'conv' || layer.shape[2] % 8 !== 0) return false;
  if (layer.inputs[0] === 'input') return true; // 7×7 with stride 2: first-conv.ts
  const { size, stride, pad, inputShape } = layer;
  const standard = (size === 3 || size === 5) && stride === 1 && pad === (size - 1) / 2;
  return standard && inputShape[2] % 8 === 0;
}

/** Whether a layer runs by Winograd: its shape allows it, it has enough tiles, and it is exact. */
export function takesWinograd(
  layer: ConvLayer,
  kernel: Int8Array,
  kernels: Kernels,
): layer is WinogradLayer {
  if (!isWinogradShape(layer)) return false;
  const { rows, columns } = tilingOf(layer, kernels);
  if (rows * columns < kernels.winograd.fromTiles[layer.size]) return false;
  return isWinogradExact(kernel, layer.size ** 2 * layer.inputShape[2]);
}

/**
 * Whether a layer's sums can be recovered from their remainders modulo 2³², see `sum` in the kernels.
 * @param rows int8 [out][depth]
 */
export function isWinogradExact(rows: Int8Array, depth: number): boolean {
  for (let start = 0; start < rows.length; start += depth) {
    let sum = 0;
    for (let i = start; i < start + depth; i++) sum += Math.abs(rows[i]!);
    if (sum * LARGEST_ACTIVATION > LARGEST_SUM) return false;
  }
  return true;
}

/** Input pixels along a side of a tile's window, for both kernels. */
export const WINDOW = 6;
/** Products of a tile, and matrices of a layer's transformed weights. */
export const POSITIONS = WINDOW ** 2;

export interface Tiling {
  /** Output pixels along a side of a tile. */
  readonly side: number;
  /** Tiles along the height and the width. */
  readonly rows: number;
  readonly columns: number;
  /** Tiles are computed in groups; the last group is filled up with idle tiles. */
  readonly groups: number;
  /** All tiles, idle ones included. */
  readonly tiles: number;
}

export function tilingOf({ size, shape }: ConvLayer, { winograd }: Kernels): Tiling {
  const side = size === 7 ? winograd.first.side : winograd.side;
  const [rows, columns] = [Math.ceil(shape[0] / side), Math.ceil(shape[1] / side)];
  const groups = Math.ceil((rows * columns) / winograd.group);
  return { side, rows, columns, groups, tiles: groups * winograd.group };
}
