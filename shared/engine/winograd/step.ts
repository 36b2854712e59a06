/**
 * A convolution by Winograd: its transformed weights and the addresses that its kernel reads and writes.
 * @module
 */
import type { Network } from '@hebb/model/network/googlenet';
import type { ConvLayer } from '@hebb/model/network/layer';
import type { Arena } from '../arena.ts';
import type { Kernels } from '../kernels.ts';
import { type Context, inputOf, outputOf, type Step } from '../step.ts';
import {
  isWinogradShape,
  POSITIONS,
  type Tiling,
  tilingOf,
  WINDOW,
  type WinogradLayer,
} from './choice.ts';

/** A convolution by Winograd. */
export function winogradStep(layer: WinogradLayer, context: Context): Step {
  const { model, kernels, arena, padded, zeros, waste, winogradScratch: scratch } = context;
  const { winograd } = kernels;
  const { kernel, bias, multiplier } = model.weights.get(layer.name)!;
  const tiling = tilingOf(layer, kernels);
  const { groups } = tiling;
  const weights = placeWinogradWeights(layer, kernel, scratch, arena, kernels);
  const [biases, multipliers] = [arena.place(bias), arena.place(multiplier)];
  const input = inputOf(layer, context);
  const output = { ...outputOf(layer, context), outside: waste };
  const to = placeOutputTable(layer, tiling, output, arena);
  const out = layer.shape[2];
  const sums = [weights, biases, multipliers, out, scratch] as const;
  if (layer.size === 7) {
    const [from, { rowBytes }, { rows, columns }] = [input.address, padded, tiling];
    const tiles = rows * columns;
    const run = () => winograd.first.run(from, rowBytes, columns, tiles, to, groups, ...sums);
    return { layer, conv: 'winograd', run };
  }
  const from = placeInputTable(layer, tiling, { ...input, outside: zeros }, arena);
  const [blocks, channels] = [blocksOf(layer).length, layer.inputShape[2]];
  const run = () => winograd.run(from, to, groups, blocks, channels, ...sums);
  return { layer, conv: 'winograd', run };
}

/** Bytes of the transforms' scratch vectors. */
const TRANSFORM_BYTES = 76 * 16;
/** Bytes of the products at each position: 4 tiles × 8 channels, int32. */
const PRODUCT_BYTES = 128;

/** The first convolution over blocks of 2×2 pixels (qu7-qc8w-winograd-f3k4-4x8c2-wasmsimd.ts). */
const FIRST = { taps: 4, channels: 12 } as const;

/**
 * Top left taps of the 3×3 blocks that make up a layer's window, padded with zeros: a 5×5 convolution
 * is one of 3×3 over four times the channels, with an offset for each block.
 */
function blocksOf({ size }: ConvLayer): readonly (readonly [y: number, x: number])[] {
  const starts = size === 3 ? [0] : [0, 3];
  return starts.flatMap((y) => starts.map((x) => [y, x] as const));
}

/** int8 [out][size][size][in] → [out][3][3][blocks · in]. */
function blockRows(layer: WinogradLayer, kernel: Int8Array): Int8Array {
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

/** int8 [out][7][7][3] → [out][4][4][2 rows][2 columns][3] with an eighth row and column of 0 in front. */
function firstRows(kernel: Int8Array): Int8Array {
  const [size, colours] = [7, 3];
  const out = kernel.length / (size * size * colours);
  const rows = new Int8Array(out * FIRST.taps ** 2 * FIRST.channels);
  for (let row = 0; row < out * size; row++) {
    const [o, y] = [Math.floor(row / size), (row % size) + 1];
    for (let x = 1; x <= size; x++) {
      const block = (o * FIRST.taps + (y >> 1)) * FIRST.taps + (x >> 1);
      const from = (row * size + x - 1) * colours;
      const to = block * FIRST.channels + (y & 1) * 6 + (x & 1) * colours;
      rows.set(kernel.subarray(from, from + colours), to);
    }
  }
  return rows;
}

/** Channels that a layer sums over at each of the 36 positions. */
export const depthOf = (layer: WinogradLayer): number =>
  layer.size === 7 ? FIRST.channels : blocksOf(layer).length * layer.inputShape[2];
/** Taps of its transformed window. */
const tapsOf = (layer: WinogradLayer): number => (layer.size === 7 ? FIRST.taps ** 2 : 9);

/** Bytes of the scratch memory that all layers share, also for packing their weights. */
export function winogradScratchBytes(network: Network): number {
  const bytes = network.layers.filter(isWinogradShape).map((layer) => {
    const depth = depthOf(layer);
    const weights = tapsOf(layer) * depth * layer.shape[2];
    const activationBytes = 4 * 2 * depth; // of 4 tiles at one position, int16
    return Math.max(weights, POSITIONS * (activationBytes + PRODUCT_BYTES));
  });
  return TRANSFORM_BYTES + Math.max(0, ...bytes);
}

/** Transforms int8 [out][size][size][in] in WebAssembly memory and returns the result's address. */
function placeWinogradWeights(
  layer: WinogradLayer,
  kernel: Int8Array,
  scratch: number,
  arena: Arena,
  { winograd }: Kernels,
): number {
  const [depth, out] = [depthOf(layer), layer.shape[2]];
  const address = arena.reserve(POSITIONS * depth * out * 2);
  const rows = scratch + TRANSFORM_BYTES;
  const first = layer.size === 7;
  arena.copy(first ? firstRows(kernel) : blockRows(layer, kernel), rows);
  if (first) winograd.first.weights(rows, out, address, scratch);
  else winograd.weights(rows, out, depth, address, scratch);
  return address;
}

/** A layer's pixels. */
interface Grid {
  readonly address: number;
  /** Bytes from pixel to pixel. */
  readonly stride: number;
  /** Address that stands for pixels outside the image. */
  readonly outside: number;
}

type Offset = readonly [y: number, x: number];

/** Number of addresses in a layer's tables. */
export const inputTableLength = (layer: ConvLayer, { tiles }: Tiling): number =>
  tiles * blocksOf(layer).length * WINDOW ** 2;
export const outputTableLength = ({ tiles, side }: Tiling): number => tiles * side ** 2;

/** [tile][block][6][6] addresses of input pixels. */
function placeInputTable(layer: ConvLayer, tiling: Tiling, input: Grid, arena: Arena) {
  const offsets = blocksOf(layer).map(([y, x]): Offset => [y - layer.pad, x - layer.pad]);
  return placeSquares(layer, tiling, WINDOW, offsets, input, arena);
}

/** [tile][side][side] addresses of output pixels. */
function placeOutputTable(layer: ConvLayer, tiling: Tiling, output: Grid, arena: Arena) {
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
