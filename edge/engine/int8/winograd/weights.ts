/**
 * Windows as Winograd's kernels take them, and their transformed weights.
 * @module
 */
import type { Network } from '../../../../shared/model/network/googlenet.ts';
import type { ConvLayer } from '../../../../shared/model/network/layer.ts';
import type { Arena } from '../arena.ts';
import type { Kernels } from '../kernels.ts';
import { isWinogradShape, type WinogradLayer } from './choice.ts';
import { POSITIONS } from './tiling.ts';

/** Bytes of the vectors that the transforms work in. */
const TRANSFORM_BYTES = 76 * 16;
/** Bytes at each position: the products of 4 tiles × 8 channels, int32. */
const PRODUCT_BYTES = 128;

/** The first convolution over blocks of 2×2 pixels (qu7-qc8w-winograd-f3k4-4x8c2-wasmsimd.ts). */
const FIRST = { taps: 4, channels: 12 } as const;

/**
 * Top left taps of the 3×3 blocks that a layer's window consists of, the last ones filled up with
 * zeros: a 5×5 convolution is one of 3×3 over four times the channels, each read from another place.
 */
export function blocksOf({ size }: ConvLayer): readonly (readonly [y: number, x: number])[] {
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

/** int8 [out][7][7][3] → [out][4][4][2 rows][2 columns][3]; the first row and column of eight are 0. */
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

/** Channels that a layer sums over at each of the 36 positions, and the taps of its window. */
export const depthOf = (layer: WinogradLayer): number =>
  layer.size === 7 ? FIRST.channels : blocksOf(layer).length * layer.inputShape[2];
const tapsOf = (layer: WinogradLayer): number => (layer.size === 7 ? FIRST.taps ** 2 : 9);

/** Bytes that all layers share for what is in between, and for their weights while they are packed. */
export function winogradScratchBytes(network: Network): number {
  const bytes = network.layers.filter(isWinogradShape).map((layer) => {
    const depth = depthOf(layer);
    const weights = tapsOf(layer) * depth * layer.shape[2];
    const activationBytes = 4 * 2 * depth; // of 4 tiles at one position, int16
    return Math.max(weights, POSITIONS * (activationBytes + PRODUCT_BYTES));
  });
  return TRANSFORM_BYTES + Math.max(0, ...bytes);
}

/** Transforms int8 [out][size][size][in] in wasm memory and gives the address of the result. */
export function placeWinogradWeights(
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
