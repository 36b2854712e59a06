/**
 * Which convolutions run by Winograd, in exact integers (edge/kernels/assembly/qu7-qc8w-winograd.ts).
 * @module
 */
import type { ConvLayer, Layer } from '../../../../shared/model/network/layer.ts';
import type { Kernels } from '../kernels.ts';
import { tilingOf } from './tiling.ts';

/** Sums that 26 of 32 bits hold, sign included: the others are the factor 576 = 64 · 9. */
const LARGEST_SUM = 2 ** 25 - 1;
const LARGEST_ACTIVATION = 127;

/** A layer that has the shape for it; the one with a window of 7×7 is the first convolution. */
export type WinogradLayer = ConvLayer & { readonly size: 3 | 5 | 7 };

/** Whether a layer has the shape for it. */
export function isWinogradShape(layer: Layer): layer is WinogradLayer {
  if (layer.kind !== 'conv' || layer.shape[2] % 8 !== 0) return false;
  if (layer.inputs[0] === 'input') return true; // 7×7 with stride 2: first-conv.ts
  const { size, stride, pad, inputShape } = layer;
  const standard = (size === 3 || size === 5) && stride === 1 && pad === (size - 1) / 2;
  return standard && inputShape[2] % 8 === 0;
}

/** Whether a layer runs by Winograd. */
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
