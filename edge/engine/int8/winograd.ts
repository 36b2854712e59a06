/**
 * 3×3 convolutions by Winograd's F(4×4, 3×3), in exact integers (edge/kernels/assembly/conv-winograd.ts).
 * @module
 */
import type { Network } from '../../../shared/model/network/googlenet.ts';
import type { ConvLayer, Layer } from '../../../shared/model/network/layer.ts';
import type { Arena } from './arena.ts';
import type { Kernels } from './kernels.ts';

/** Input pixels along a side of a tile: 4 output pixels and a border of 1. */
export const WINOGRAD_WINDOW = 6;
/** Products of a tile; also the matrices that a layer's weights become. */
const POSITIONS = WINOGRAD_WINDOW ** 2;
/** Bytes of the vectors that the transforms work in. */
const TRANSFORM_BYTES = 72 * 16;
/** Bytes at each position: the products of 4 tiles × 8 channels, int32. */
const PRODUCT_BYTES = 128;
/** Sums that 26 of 32 bits hold, sign included: the others are the factor 576 = 64 · 9. */
const LARGEST_SUM = 2 ** 25 - 1;
const LARGEST_ACTIVATION = 127;

export interface Tiling {
  /** Tiles along the height and the width. */
  readonly rows: number;
  readonly columns: number;
  /** Tiles are computed in groups of this many; the last group is filled up with idle ones. */
  readonly groups: number;
}

export function tilingOf(layer: ConvLayer, { side, group }: Kernels['winograd']): Tiling {
  const [height, width] = layer.shape;
  const [rows, columns] = [Math.ceil(height / side), Math.ceil(width / side)];
  return { rows, columns, groups: Math.ceil((rows * columns) / group) };
}

/** Whether a layer has the shape for it. */
export function isWinogradShape(layer: Layer): layer is ConvLayer {
  if (layer.kind !== 'conv' || layer.inputs[0] === 'input') return false;
  const { size, stride, pad, inputShape, shape } = layer;
  const standard = size === 3 && stride === 1 && pad === 1;
  return standard && inputShape[2] % 8 === 0 && shape[2] % 8 === 0;
}

/**
 * Whether the sums of a layer can be told from their remainder modulo 2³².
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

/** Bytes that all layers share for what is in between, and for their weights while they are packed. */
export function winogradScratchBytes(network: Network): number {
  const bytes = network.layers.filter(isWinogradShape).map((layer) => {
    const channels = layer.inputShape[2];
    const weights = 9 * channels * layer.shape[2];
    const activationBytes = 4 * 2 * channels; // of 4 tiles at one position, int16
    return Math.max(weights, POSITIONS * (activationBytes + PRODUCT_BYTES));
  });
  return TRANSFORM_BYTES + Math.max(0, ...bytes);
}

/** Transforms int8 [out][3][3][in] in wasm memory and gives the address of the result. */
export function placeWinogradWeights(
  layer: ConvLayer,
  rows: Int8Array,
  scratch: number,
  arena: Arena,
  { winograd }: Kernels,
): number {
  const [channels, out] = [layer.inputShape[2], layer.shape[2]];
  const address = arena.reserve(POSITIONS * channels * out * 2);
  arena.copy(rows, scratch + TRANSFORM_BYTES);
  winograd.weights(scratch + TRANSFORM_BYTES, out, channels, address, scratch);
  return address;
}

export interface Grid {
  readonly address: number;
  /** Bytes from pixel to pixel. */
  readonly stride: number;
}

/**
 * Table of the addresses of `size`×`size` pixels for each tile, idle ones included.
 * @param first offset of a tile's first pixel from its place among the output pixels: −1 for input
 * @param outside where pixels outside of the image are read from, or written to
 */
export function placeTileTable(
  layer: ConvLayer,
  grid: Grid,
  { size, first, outside }: { size: number; first: number; outside: number },
  arena: Arena,
  { winograd }: Kernels,
): number {
  const { rows, columns, groups } = tilingOf(layer, winograd);
  const [height, width] = layer.shape;
  const tiles = groups * winograd.group;
  const length = tiles * size * size;
  const address = arena.reserve(length * 4);
  const table = arena.words(address, length).fill(outside);
  for (let tile = 0; tile < rows * columns; tile++) {
    const top = Math.floor(tile / columns) * winograd.side + first;
    const left = (tile % columns) * winograd.side + first;
    for (let i = 0; i < size * size; i++) {
      const [y, x] = [top + Math.floor(i / size), left + (i % size)];
      if (y < 0 || y >= height || x < 0 || x >= width) continue;
      table[tile * size * size + i] = grid.address + (y * width + x) * grid.stride;
    }
  }
  return address;
}
