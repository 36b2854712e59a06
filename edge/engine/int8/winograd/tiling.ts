import type { ConvLayer } from '../../../../shared/model/network/layer.ts';
import type { Kernels } from '../kernels.ts';

/** Input pixels along a side of a tile's window, whatever the tile's own side. */
export const WINDOW = 6;
/** Products of a tile; also the matrices that a layer's weights become. */
export const POSITIONS = WINDOW ** 2;

export interface Tiling {
  /** Output pixels along a side of a tile. */
  readonly side: number;
  /** Tiles along the height and the width. */
  readonly rows: number;
  readonly columns: number;
  /** Tiles are computed in groups; the last group is filled up with idle ones. */
  readonly groups: number;
  /** All of them, idle ones included. */
  readonly tiles: number;
}

export function tilingOf({ size, shape }: ConvLayer, { winograd }: Kernels): Tiling {
  const side = size === 7 ? winograd.first.side : winograd.side;
  const [rows, columns] = [Math.ceil(shape[0] / side), Math.ceil(shape[1] / side)];
  const groups = Math.ceil((rows * columns) / winograd.group);
  return { side, rows, columns, groups, tiles: groups * winograd.group };
}
