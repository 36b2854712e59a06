/**
 * 3×3 convolutions by Winograd's F(4×4, 3×3), in exact integers (edge/kernels/assembly/conv-winograd.ts).
 * @module
 */
import type { Network } from '../../../shared/model/network/googlenet.ts';
import type { ConvLayer, Layer } from '../../../shared/model/network/layer.ts';
import type { Arena } from './arena.ts';
import type { Kernels } from './kernels.ts';

/** Input pixels along a side of a tile: 4 output pixels and a border of 1. */
const WINDOW = 6;
/** Products of a tile; also the matrices that a layer's weights become. */
const POSITIONS = WINDOW ** 2;
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

/** A layer that has the shape for it. */
export type WinogradLayer = ConvLayer & { readonly size: 3 | 5 };

/** Whether a layer has the shape for it. */
export function isWinogradShape(layer: Layer): layer is WinogradLayer {
  if (layer.kind !== 'conv' || layer.inputs[0] === 'input') return false;
  const { size, stride, pad, inputShape, shape } = layer;
  const standard = (size === 3 || size === 5) && stride === 1 && pad === (size - 1) / 2;
  return standard && inputShape[2] % 8 === 0 && shape[2] % 8 === 0;
}

/**
 * Top left taps of the 3×3 blocks that a layer's window consists of, the last ones filled up with
 * zeros: a 5×5 convolution is one of 3×3 over four times the channels, each read from another place.
 */
export function blocksOf({ size }: ConvLayer): readonly (readonly [y: number, x: number])[] {
  const starts = size === 3 ? [0] : [0, 3];
  return starts.flatMap((y) => starts.map((x) => [y, x] as const));
}

/** int8 [out][size][size][in] → [out][3][3][blocks · in]. */
export function blockRows(layer: ConvLayer, kernel: Int8Array): Int8Array {
  const [size, channels, out] = [layer.size, layer.inputShape[2], layer.shape[2]];
  const blocks = blocksOf(layer);
  const rows = new Int8Array(out * 9 * blocks.length * channels);
  let to = 0;
  for (let o = 0; o < out; o++) {
    for (let tap = 0; tap < 9; tap++) {
      for (const [top, left] of blocks) {
        const [y, x] = [top + Math.floor(tap / 3), left + (tap % 3)];
        const from = ((o * size + y) * size + x) * channels;
        if (y < size && x < size) rows.set(kernel.subarray(from, from + channels), to);
        to += channels;
      }
    }
  }
  return rows;
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

/** Whether a layer runs by Winograd. */
export function takesWinograd(
  layer: ConvLayer,
  kernel: Int8Array,
  { winograd }: Kernels,
): layer is WinogradLayer {
  if (!isWinogradShape(layer)) return false;
  const { rows, columns } = tilingOf(layer, winograd);
  const depth = layer.size ** 2 * layer.inputShape[2];
  return rows * columns >= winograd.fromTiles[layer.size] && isWinogradExact(kernel, depth);
}

/** Channels that a layer sums over at each of the 36 positions. */
const depthOf = (layer: ConvLayer): number => blocksOf(layer).length * layer.inputShape[2];

/** Bytes that all layers share for what is in between, and for their weights while they are packed. */
export function winogradScratchBytes(network: Network): number {
  const bytes = network.layers.filter(isWinogradShape).map((layer) => {
    const depth = depthOf(layer);
    const weights = 9 * depth * layer.shape[2];
    const activationBytes = 4 * 2 * depth; // of 4 tiles at one position, int16
    return Math.max(weights, POSITIONS * (activationBytes + PRODUCT_BYTES));
  });
  return TRANSFORM_BYTES + Math.max(0, ...bytes);
}

/** Transforms int8 [out][size][size][in] in wasm memory and gives the address of the result. */
export function placeWinogradWeights(
  layer: ConvLayer,
  kernel: Int8Array,
  scratch: number,
  arena: Arena,
  { winograd }: Kernels,
): number {
  const [depth, out] = [depthOf(layer), layer.shape[2]];
  const address = arena.reserve(POSITIONS * depth * out * 2);
  arena.copy(blockRows(layer, kernel), scratch + TRANSFORM_BYTES);
  winograd.weights(scratch + TRANSFORM_BYTES, out, depth, address, scratch);
  return address;
}

export interface Grid {
  readonly address: number;
  /** Bytes from pixel to pixel. */
  readonly stride: number;
}

/**
 * Table of the addresses of the 6×6 pixels that each tile reads for each of its blocks, idle tiles
 * included; what lies outside of the image is read from `zeros`.
 */
export function placeInputTable(
  layer: ConvLayer,
  input: Grid,
  zeros: number,
  arena: Arena,
  kernels: Kernels,
): number {
  const offsets = blocksOf(layer).map(([y, x]) => [y - layer.pad, x - layer.pad] as const);
  return placeTileTable(layer, input, WINDOW, offsets, zeros, arena, kernels);
}

/** The same of the 4×4 pixels that each tile writes; those that do not exist go to `waste`. */
export function placeOutputTable(
  layer: ConvLayer,
  output: Grid,
  waste: number,
  arena: Arena,
  kernels: Kernels,
): number {
  return placeTileTable(layer, output, kernels.winograd.side, [[0, 0]], waste, arena, kernels);
}

/** [tile][offset][size][size] addresses. Offsets are from a tile's first output pixel. */
function placeTileTable(
  layer: ConvLayer,
  grid: Grid,
  size: number,
  offsets: readonly (readonly [y: number, x: number])[],
  outside: number,
  arena: Arena,
  { winograd }: Kernels,
): number {
  const { rows, columns, groups } = tilingOf(layer, winograd);
  const [height, width] = layer.shape;
  const length = groups * winograd.group * offsets.length * size * size;
  const address = arena.reserve(length * 4);
  const table = arena.words(address, length).fill(outside);
  let at = 0;
  for (let tile = 0; tile < rows * columns; tile++) {
    for (const [top, left] of offsets) {
      for (let i = 0; i < size * size; i++, at++) {
        const y = Math.floor(tile / columns) * winograd.side + top + Math.floor(i / size);
        const x = (tile % columns) * winograd.side + left + (i % size);
        if (y < 0 || y >= height || x < 0 || x >= width) continue;
        table[at] = grid.address + (y * width + x) * grid.stride;
      }
    }
  }
  return address;
}
