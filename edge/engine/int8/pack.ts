/**
 * Weights in the order that the convolution kernels read them.
 * @module
 */
import type { ConvLayer } from '../../../shared/model/network/layer.ts';

/** A convolution as the kernel sees it: `taps` runs of `channels` contiguous input bytes a pixel. */
export interface PackedConv {
  readonly taps: number;
  readonly channels: number;
  /** [out/8][tap][in/4][8 out][4 in] */
  readonly weights: Int8Array;
}

/** int8 [out][depth] → [out/8][depth/4][8 out][4 in]; missing output channels are 0. */
export function packPanels(kernel: Int8Array, out: number, depth: number): Int8Array {
  const packed = new Int8Array(Math.ceil(out / 8) * 8 * depth);
  for (let o = 0; o < out; o++) {
    const from = o * depth;
    let to = (o >> 3) * 8 * depth + (o & 7) * 4;
    for (let i = 0; i < depth; i += 4, to += 32) {
      packed[to] = kernel[from + i]!;
      packed[to + 1] = kernel[from + i + 1]!;
      packed[to + 2] = kernel[from + i + 2]!;
      packed[to + 3] = kernel[from + i + 3]!;
    }
  }
  return packed;
}

/** Kernel int8 [out, size, size, in] of a layer with input channels in multiples of 4. */
export function packConv(layer: ConvLayer, kernel: Int8Array): PackedConv {
  const taps = layer.size * layer.size;
  const channels = layer.inputShape[2];
  return { taps, channels, weights: packPanels(kernel, layer.shape[2], taps * channels) };
}

/**
 * The first convolution, 7×7 with stride 2 over RGB, as 4 taps of 48 channels over space-to-depth
 * blocks (edge/kernels/assembly/input.ts): the kernel grows to 8×8 by a row and a column of zeros in
 * front, and [8 rows, 8 columns, 3] becomes [4 row pairs, 4 column pairs, 2, 2, 3].
 */
export function packFirstConv(layer: ConvLayer, kernel: Int8Array): PackedConv {
  const out = layer.shape[2];
  const blocks = new Int8Array(out * 192);
  for (let o = 0, from = 0; o < out; o++) {
    for (let y = 1; y < 8; y++) {
      for (let x = 1; x < 8; x++) {
        const block = (y >> 1) * 4 + (x >> 1);
        const to = o * 192 + block * 12 + (y & 1) * 6 + (x & 1) * 3;
        for (let c = 0; c < 3; c++) blocks[to + c] = kernel[from++]!;
      }
    }
  }
  return { taps: 4, channels: 48, weights: packPanels(blocks, out, 192) };
}

/** 127 · 258 < 2¹⁵: the largest sum of weights whose products a 16-bit lane holds. */
export const PAIRED_WEIGHT_SUM = 258;

/**
 * Whether edge/kernels/assembly/conv-paired.ts is exact for these weights: in each run of 8 input
 * channels, the products at {0,1,4,5} and those at {2,3,6,7} must fit int16 together.
 */
export function isPairedExact({ channels, weights }: PackedConv): boolean {
  if (channels % 8 !== 0) return false;
  for (let step = 0; step < weights.length; step += 64) {
    for (let lane = step; lane < step + 32; lane += 2) {
      let positive = 0;
      let negative = 0;
      for (const at of [lane, lane + 1, lane + 32, lane + 33]) {
        const w = weights[at]!;
        if (w > 0) positive += w;
        else negative -= w;
      }
      if (positive > PAIRED_WEIGHT_SUM || negative > PAIRED_WEIGHT_SUM) return false;
    }
  }
  return true;
}
