/**
 * Indirection tables: the address of each input pixel that a convolution reads, tile by tile, so
 * that the kernel needs neither bounds checks nor im2col (Dukhan 2019, arXiv:1907.02129).
 * @module
 */
import { FIRST_CONV } from '../../../shared/model/int8/first-conv.ts';
import type { ConvLayer } from '../../../shared/model/network/layer.ts';
import type { PaddedInput } from './padded-input.ts';

/** Number of addresses in a table. A last, partial tile overlaps the one before it. */
export function tableLength(pixels: number, taps: number, tile: number): number {
  return Math.ceil(Math.max(pixels, tile) / tile) * tile * taps;
}

/** Fills [tile][tap][pixel] with `addressOf(pixel, tap)`. */
function fill(
  table: Uint32Array,
  pixels: number,
  taps: number,
  tile: number,
  addressOf: (pixel: number, tap: number) => number,
): void {
  let at = 0;
  for (let start = 0; start < Math.max(pixels, tile); start += tile) {
    const first = Math.max(Math.min(start, pixels - tile), 0);
    for (let tap = 0; tap < taps; tap++) {
      for (let i = 0; i < tile; i++) {
        table[at++] = addressOf(Math.min(first + i, pixels - 1), tap);
      }
    }
  }
}

/** Table of an ordinary convolution; what lies outside of the image reads from `zeros`. */
export function fillConvTable(
  table: Uint32Array,
  layer: ConvLayer,
  tile: number,
  input: { readonly address: number; readonly stride: number },
  zeros: number,
): void {
  const [height, width] = layer.inputShape;
  const [outHeight, outWidth] = layer.shape;
  const { size, stride, pad } = layer;
  fill(table, outHeight * outWidth, size * size, tile, (pixel, tap) => {
    const y = Math.floor(pixel / outWidth) * stride - pad + Math.floor(tap / size);
    const x = (pixel % outWidth) * stride - pad + (tap % size);
    const inside = y >= 0 && y < height && x >= 0 && x < width;
    return inside ? input.address + (y * width + x) * input.stride : zeros;
  });
}

/** Table of the first convolution: a tap is a row of its window over the padded image. */
export function fillFirstConvTable(
  table: Uint32Array,
  layer: ConvLayer,
  tile: number,
  address: number,
  { rowBytes, firstWindow }: PaddedInput,
): void {
  const [outHeight, outWidth] = layer.shape;
  const { stride } = layer;
  fill(table, outHeight * outWidth, FIRST_CONV.taps, tile, (pixel, tap) => {
    const y = Math.floor(pixel / outWidth) * stride + tap;
    return address + firstWindow + y * rowBytes + (pixel % outWidth) * stride * 3;
  });
}
