/**
 * Makes a picture smaller while it is decoded, so that it is never in memory at full size.
 * @module
 */
import type { Preprocessing } from '@hebb/model/preprocess/preprocessing';
import type { Extent, ReducedImage } from '@hebb/model/preprocess/resize';

/** Decoding at 1/1, 1/2, 1/4 or 1/8 of the size, the steps of JPEG's DCT. */
export type Reduction = 1 | 2 | 4 | 8;

/** The resize that follows, which must not enlarge. */
export type Target = Preprocessing['resize'];

/** The largest reduction that leaves both sides at least as long as the resize needs. */
export function chooseReduction(width: number, height: number, target: Target): Reduction {
  // Both rules need this: 'warp' of each side, 'shorter-side' of the shorter one.
  const spare = Math.min(width, height) / target.size;
  if (spare >= 8) return 8;
  if (spare >= 4) return 4;
  return spare >= 2 ? 2 : 1;
}

/** Size of the reduced picture, pixels; the last column and row may be partial. */
export const reducedSize = (width: number, height: number, reduction: Reduction) => ({
  width: Math.ceil(width / reduction),
  height: Math.ceil(height / reduction),
});

/** The part of the reduced picture that the source covers, and the reduction. */
export const originOf = (
  source: { readonly width: number; readonly height: number },
  reduction: Reduction,
): { readonly extent: Extent; readonly reduction: Reduction } => ({
  extent: {
    left: 0,
    top: 0,
    width: source.width / reduction,
    height: source.height / reduction,
  },
  reduction,
});

/**
 * Averages blocks of reduction × reduction pixels, like JPEG at 1/reduction. Each pixel is added once, in
 * runs of a row, in any order (interlaced files). Sums take 6 bytes per output
 * pixel and are replaced by the averages in place; without reduction pixels are stored directly, 3 bytes each.
 */
export class BoxReducer {
  readonly #width: number;
  readonly #height: number;
  readonly #reduction: Reduction;
  readonly #shift: number;
  readonly #outputWidth: number;
  readonly #outputHeight: number;
  readonly #sums: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>; // 64 · 255 fits 16 bits

  /** @param buffer returns a zeroed buffer of this length */
  constructor(
    width: number,
    height: number,
    reduction: Reduction,
    buffer: (bytes: number) => Uint8Array<ArrayBuffer> = (bytes) => new Uint8Array(bytes),
  ) {
    const output = reducedSize(width, height, reduction);
    const length = output.width * output.height * 3;
    this.#width = width;
    this.#height = height;
    this.#reduction = reduction;
    this.#shift = Math.log2(reduction);
    this.#outputWidth = output.width;
    this.#outputHeight = output.height;
    const { buffer: memory, byteOffset } = buffer(reduction === 1 ? length : length * 2);
    this.#sums =
      reduction === 1
        ? new Uint8Array(memory, byteOffset, length)
        : new Uint16Array(memory, byteOffset, length);
  }

  /** Adds `count` RGB pixels of row `y`, at x, x + step, x + 2 · step … */
  add(rgb: Uint8Array, count: number, y: number, x = 0, step = 1): void {
    const sums = this.#sums;
    const shift = this.#shift;
    const row = (y >> shift) * this.#outputWidth;
    for (let i = 0, from = 0; i < count; i++, from += 3) {
      const to = (row + ((x + i * step) >> shift)) * 3;
      sums[to]! += rgb[from]!;
      sums[to + 1]! += rgb[from + 1]!;
      sums[to + 2]! += rgb[from + 2]!;
    }
  }

  /** The averages, after all pixels were added. */
  finish(): ReducedImage {
    const reduction = this.#reduction;
    const size = { width: this.#outputWidth, height: this.#outputHeight };
    if (this.#sums instanceof Uint8Array) return { ...size, data: this.#sums };
    const { buffer, byteOffset, length } = this.#sums;
    const data = new Uint8Array(buffer, byteOffset, length); // byte i is written after sum i was read
    let at = 0;
    for (let y = 0; y < size.height; y++) {
      const rows = Math.min(reduction, this.#height - y * reduction);
      for (let x = 0; x < size.width; x++) {
        const pixels = rows * Math.min(reduction, this.#width - x * reduction);
        const half = pixels >> 1;
        for (const end = at + 3; at < end; at++) data[at] = (this.#sums[at]! + half) / pixels;
      }
    }
    const source = { width: this.#width, height: this.#height };
    return { ...size, data, ...originOf(source, reduction) };
  }
}
