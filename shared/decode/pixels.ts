/**
 * Pixels with alpha, as the network sees them: over white.
 * @module
 */
import type { ReducedImage } from '@hebb/model';
import { BoxReducer, type Reduction } from './reduce.ts';

/** c · a + 255 · (1 − a), rounded; both 0..255. */
export const overWhite = (colour: number, alpha: number): number =>
  255 - Math.round(((255 - colour) * alpha) / 255);

/** `count` RGBA pixels, not premultiplied, from byte `at`, over white into `rgb`. */
function flatten(rgba: Uint8Array, at: number, count: number, rgb: Uint8Array): void {
  for (let from = at, to = 0; to < count * 3; from += 4, to += 3) {
    const alpha = rgba[from + 3]!;
    if (alpha === 255) {
      rgb[to] = rgba[from]!;
      rgb[to + 1] = rgba[from + 1]!;
      rgb[to + 2] = rgba[from + 2]!;
    } else {
      rgb[to] = overWhite(rgba[from]!, alpha);
      rgb[to + 1] = overWhite(rgba[from + 1]!, alpha);
      rgb[to + 2] = overWhite(rgba[from + 2]!, alpha);
    }
  }
}

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Place extends Size {
  readonly x: number;
  readonly y: number;
}

/** Puts an RGBA picture, uint8 [place.height, place.width, 4], on a white canvas and reduces that. */
export function reduceRgba(
  rgba: Uint8Array | Uint8ClampedArray,
  place: Place,
  canvas: Size,
  reduction: Reduction,
): ReducedImage {
  const pixels = new Uint8Array(rgba.buffer, rgba.byteOffset, rgba.byteLength);
  const reducer = new BoxReducer(canvas.width, canvas.height, reduction);
  const blank = new Uint8Array(canvas.width * 3).fill(255);
  const row = blank.slice();
  const picture = row.subarray(place.x * 3, (place.x + place.width) * 3);
  for (let y = 0; y < canvas.height; y++) {
    const inside = y >= place.y && y < place.y + place.height;
    if (inside) flatten(pixels, (y - place.y) * place.width * 4, place.width, picture);
    reducer.add(inside ? row : blank, canvas.width, y);
  }
  return reducer.finish();
}
