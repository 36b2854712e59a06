/**
 * What the direct convolutions read: packed weights, the padded image, and indirection tables. A table
 * holds the address of each input pixel, tile by tile, so that the kernel needs neither bounds checks
 * nor im2col (Dukhan 2019, arXiv:1907.02129).
 * @module
 */
import { FIRST_CONV, firstConvRows } from '@hebb/model/int8/first-conv';
import type { Network } from '@hebb/model/network/googlenet';
import type { ConvLayer } from '@hebb/model/network/layer';

/** A convolution as the kernels see it: `taps` runs of `channels` contiguous bytes per pixel. */
export interface ConvShape {
  readonly taps: number;
  readonly channels: number;
  /** int8 [out][taps · channels]. */
  readonly rows: Int8Array;
}

/** How the direct kernels see a layer; the first convolution has a layout of its own (first-conv.ts). */
export function convShape(layer: ConvLayer, kernel: Int8Array): ConvShape {
  if (layer.inputs[0] === 'input') {
    return { ...FIRST_CONV, rows: firstConvRows(kernel) };
  }
  return { taps: layer.size ** 2, channels: layer.inputShape[2], rows: kernel };
}

/** Packs int8 [out][depth] into [out/8][depth/4][8 out][4 in]; missing output channels are 0. */
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

/** The image with a border of zero points, as the first convolution reads it. */
export interface PaddedInput {
  readonly rows: number;
  readonly rowBytes: number;
  /** Offset of the image's first pixel. */
  readonly firstPixel: number;
  /** Offset of the first pixel that the first convolution reads. */
  readonly firstWindow: number;
}

/** Pixels before the image: the first convolution pads by 3, and blocks of 2×2 start at an even pixel. */
const BORDER = 4;

/**
 * The layout of the padded image. It holds every window of the first convolution, by Winograd in tiles of
 * `side` output pixels over blocks of 2×2 pixels (the last block is read with 2 extra bytes). A direct
 * kernel reads less: one eighth column (first-conv.ts).
 */
export function paddedInput(network: Network, side: number): PaddedInput {
  const conv1 = network.layers.find((layer): layer is ConvLayer => layer.kind === 'conv')!;
  const blocks = (size: number) => Math.ceil(size / side) * side + 3;
  const [height, width] = conv1.shape;
  const rowBytes = (2 * blocks(width) + 1) * 3;
  return {
    rows: 2 * blocks(height),
    rowBytes,
    firstPixel: BORDER * rowBytes + BORDER * 3,
    firstWindow: (BORDER - conv1.pad) * (rowBytes + 3),
  };
}

/** Fills every pixel with its colours' zero points; the image overwrites its part. */
export function borderBytes({ rows, rowBytes }: PaddedInput, zeroPoint: Uint8Array): Uint8Array {
  return new Uint8Array(rows * rowBytes).map((_, i) => zeroPoint[i % 3]!);
}

/** Number of addresses in a table. A partial last tile overlaps the tile before it. */
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

/** Table of any other convolution; pixels outside the image are read from `zeros`. */
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

/** Table of the first convolution, whose taps are the rows of its window over the padded image. */
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
