/**
 * Resizes a decoded image to the network's input pixels. Both tiers and training share it, so they get the same
 * pixels.
 * @module
 */
import { type CropWindow, cropWindow } from './crop.ts';
import { PRECISION_BITS, type Taps, triangleTaps } from './filter.ts';
import type { Preprocessing, RgbImage } from './preprocessing.ts';
import { reducedTaps } from './reduced-filter.ts';

/** A rectangle in pixels, which may begin and end inside a pixel. */
export interface Extent {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** An image that a decoder has reduced: 1/8 of 1,001 pixels are 126, of which 125.125 are covered. */
export interface ReducedImage extends RgbImage {
  /** The part that the source covers; by default the whole image. */
  readonly extent?: Extent;
  /** Source pixels per pixel along each side; by default 1. */
  readonly reduction?: number;
}

const HALF = 1 << (PRECISION_BITS - 1);

/**
 * Antialiased bilinear resize and centre crop, see `resizedCrop`.
 * @returns uint8 RGB [crop, crop, 3]
 */
export function toInput(
  image: ReducedImage,
  preprocessing: Pick<Preprocessing, 'resize' | 'crop'>,
): Uint8Array<ArrayBuffer> {
  const { width, height } = coveredBy(image);
  return resizedCrop(image, cropWindow(width, height, preprocessing), preprocessing.crop);
}

/** The part of an image that its source covers. */
export const coveredBy = (image: ReducedImage): Extent =>
  image.extent ?? { left: 0, top: 0, ...image };

/**
 * Antialiased bilinear resize that computes only the pixels of a square window.
 * Bit for bit Pillow's BILINEAR: first along rows, rounded to 8 bits, then along columns.
 * @returns uint8 RGB [crop, crop, 3]
 */
export function resizedCrop(
  image: ReducedImage,
  window: CropWindow,
  crop: number,
): Uint8Array<ArrayBuffer> {
  const columns = { from: window.left, count: crop, of: window.scaledWidth };
  const rows = { from: window.top, count: crop, of: window.scaledHeight };
  return resample(image, columns, rows);
}

/** The whole picture at another size, by the same filter. */
export function resizeTo(image: ReducedImage, width: number, height: number): RgbImage {
  const whole = (count: number) => ({ from: 0, count, of: count });
  return { width, height, data: resample(image, whole(width), whole(height)) };
}

/** The requested output pixels along an axis, and the number that the whole picture has. */
interface Outputs {
  readonly from: number;
  readonly count: number;
  readonly of: number;
}

/**
 * Scratch memory is the few source rows (already narrowed to the outputs) that one output row reads.
 * @returns uint8 RGB [rows.count, columns.count, 3]
 */
function resample(image: ReducedImage, columns: Outputs, rows: Outputs): Uint8Array<ArrayBuffer> {
  const { left, top, width, height } = coveredBy(image);
  const reduction = image.reduction ?? 1;
  const tapsOf = reduction > 1 ? reducedTaps : triangleTaps;
  const across = tapsOf(image.width, { from: left, length: width }, columns, reduction);
  const down = tapsOf(image.height, { from: top, length: height }, rows, reduction);

  const rowBytes = columns.count * 3;
  const ring = new Uint8Array(down.stride * rowBytes); // source row y is at y mod stride
  const sums = new Int32Array(rowBytes);
  const output = new Uint8Array(rows.count * rowBytes);
  let next = down.first[0]!;
  for (let y = 0; y < rows.count; y++) {
    const end = down.first[y]! + down.count[y]!;
    for (; next < end; next++) {
      narrowRow(image, next, across, ring, (next % down.stride) * rowBytes);
    }
    blendRows(ring, down, y, sums, output);
  }
  return output;
}

/** Resamples source row `y` along its length into `rows` at `at`. */
function narrowRow(image: RgbImage, y: number, taps: Taps, rows: Uint8Array, at: number): void {
  const { data } = image;
  const { first, count, weights, stride } = taps;
  const start = y * image.width * 3;
  for (let x = 0, out = at; x < first.length; x++, out += 3) {
    let red = HALF;
    let green = HALF;
    let blue = HALF;
    let pixel = start + first[x]! * 3;
    const end = x * stride + count[x]!;
    for (let tap = x * stride; tap < end; tap++, pixel += 3) {
      const weight = weights[tap]!;
      red += Math.imul(data[pixel]!, weight);
      green += Math.imul(data[pixel + 1]!, weight);
      blue += Math.imul(data[pixel + 2]!, weight);
    }
    rows[out] = red >> PRECISION_BITS;
    rows[out + 1] = green >> PRECISION_BITS;
    rows[out + 2] = blue >> PRECISION_BITS;
  }
}

/** Resamples along columns: output row `y` from the ring of narrowed rows. */
function blendRows(
  rows: Uint8Array,
  taps: Taps,
  y: number,
  sums: Int32Array,
  output: Uint8Array,
): void {
  const length = sums.length;
  sums.fill(HALF);
  for (let tap = 0; tap < taps.count[y]!; tap++) {
    const weight = taps.weights[y * taps.stride + tap]!;
    const row = ((taps.first[y]! + tap) % taps.stride) * length;
    for (let i = 0; i < length; i++) sums[i]! += Math.imul(rows[row + i]!, weight);
  }
  for (let i = 0; i < length; i++) output[y * length + i] = sums[i]! >> PRECISION_BITS;
}
