/**
 * Weights in the order that the convolution kernels read them.
 * @module
 */
import { FIRST_CONV, firstConvRows } from '../../../shared/model/int8/first-conv.ts';
import type { ConvLayer } from '../../../shared/model/network/layer.ts';

/** A convolution as the kernels see it: `taps` runs of `channels` contiguous bytes per pixel. */
export interface ConvShape {
  readonly taps: number;
  readonly channels: number;
  /** int8 [out][taps · channels]. */
  readonly rows: Int8Array;
}

/** The shape in which a layer runs; the first convolution has one of its own. */
export function convShape(layer: ConvLayer, kernel: Int8Array): ConvShape {
  if (layer.inputs[0] === 'input') {
    return { ...FIRST_CONV, rows: firstConvRows(kernel) };
  }
  return { taps: layer.size ** 2, channels: layer.inputShape[2], rows: kernel };
}

/** int8 [out][depth] → [out/8][depth/4][8 out][4 in]; missing output channels are 0. */
export function packPanels(rows: Int8Array, out: number): Int8Array {
  const depth = rows.length / out;
  const packed = new Int8Array(Math.ceil(out / 8) * 8 * depth);
  for (let o = 0; o < out; o++) {
    const from = o * depth;
    let to = (o >> 3) * 8 * depth + (o & 7) * 4;
    for (let i = 0; i < depth; i += 4, to += 32) {
      packed[to] = rows[from + i]!;
      packed[to + 1] = rows[from + i + 1]!;
      packed[to + 2] = rows[from + i + 2]!;
      packed[to + 3] = rows[from + i + 3]!;
    }
  }
  return packed;
}
