/**
 * TrivialAugment (Müller & Hutter 2021): one operation per image, drawn evenly from a list, at a
 * strength drawn evenly from a wide range. There is nothing to tune. The operations and ranges are those of
 * torchvision's `TrivialAugmentWide`, with Pillow's definitions.
 * @module
 */
import { changeColour } from './colour.ts';

type Random = () => number;
/** Changes uint8 RGB [size, size, 3] in place; `strength` is 0 to 1, `sign` −1 or 1. */
type Operation = (pixels: Uint8Array, size: number, strength: number, sign: number) => void;

/** What an image gets where an operation moves it away from the border. */
const FILL = 128;
/** Largest shift, as a share of the side: 32 pixels of 224. */
const SHIFT = 32 / 224;
const SAME = { brightness: 1, contrast: 1, saturation: 1, hue: 0 } as const;

const OPERATIONS: readonly Operation[] = [
  () => {},
  (pixels, size, strength, sign) => affine(pixels, size, [1, 0.99 * strength * sign, 0, 1], [0, 0]),
  (pixels, size, strength, sign) => affine(pixels, size, [1, 0, 0.99 * strength * sign, 1], [0, 0]),
  (pixels, size, strength, sign) =>
    affine(pixels, size, [1, 0, 0, 1], [strength * sign * SHIFT * size, 0]),
  (pixels, size, strength, sign) =>
    affine(pixels, size, [1, 0, 0, 1], [0, strength * sign * SHIFT * size]),
  (pixels, size, strength, sign) => {
    const angle = (strength * sign * 135 * Math.PI) / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    affine(pixels, size, [cos, sin, -sin, cos], [0, 0]);
  },
  (pixels, _, strength, sign) =>
    changeColour(pixels, { ...SAME, brightness: 1 + 0.99 * strength * sign }),
  (pixels, _, strength, sign) =>
    changeColour(pixels, { ...SAME, saturation: 1 + 0.99 * strength * sign }),
  (pixels, _, strength, sign) =>
    changeColour(pixels, { ...SAME, contrast: 1 + 0.99 * strength * sign }),
  (pixels, size, strength, sign) => sharpen(pixels, size, 1 + 0.99 * strength * sign),
  (pixels, _, strength) => posterize(pixels, 8 - Math.round(6 * strength)),
  (pixels, _, strength) => solarize(pixels, 255 * (1 - strength)),
  (pixels) => autoContrast(pixels),
  (pixels) => equalize(pixels),
];

/** The number of operations, the identity included. */
export const TRIVIAL_OPERATIONS = OPERATIONS.length;

/**
 * Changes an image in place.
 * @param pixels uint8 RGB [size, size, 3]
 * @example
 * trivialAugment(pixels, 128, seededRandom(7));
 */
export function trivialAugment(pixels: Uint8Array, size: number, random: Random): void {
  const operation = Math.floor(random() * OPERATIONS.length);
  const strength = random();
  applyOperation(pixels, size, operation, strength, random() < 0.5 ? -1 : 1);
}

/** One operation by its index, for tests and pictures. */
export function applyOperation(
  pixels: Uint8Array,
  size: number,
  operation: number,
  strength: number,
  sign: number,
): void {
  OPERATIONS[operation]!(pixels, size, strength, sign);
}

/** Moves each pixel's source by a matrix around the centre and a shift, bilinearly. */
function affine(
  pixels: Uint8Array,
  size: number,
  [xx, xy, yx, yy]: readonly [number, number, number, number],
  [dx, dy]: readonly [number, number],
): void {
  const source = pixels.slice();
  const centre = (size - 1) / 2;
  const at = (x: number, y: number, c: number): number =>
    x < 0 || y < 0 || x >= size || y >= size ? FILL : source[(y * size + x) * 3 + c]!;
  for (let y = 0, i = 0; y < size; y++) {
    for (let x = 0; x < size; x++, i += 3) {
      const sx = xx * (x - centre) + xy * (y - centre) + centre + dx;
      const sy = yx * (x - centre) + yy * (y - centre) + centre + dy;
      const [left, top] = [Math.floor(sx), Math.floor(sy)];
      const [fx, fy] = [sx - left, sy - top];
      for (let c = 0; c < 3; c++) {
        const above = at(left, top, c) * (1 - fx) + at(left + 1, top, c) * fx;
        const below = at(left, top + 1, c) * (1 - fx) + at(left + 1, top + 1, c) * fx;
        pixels[i + c] = above * (1 - fy) + below * fy + 0.5;
      }
    }
  }
}

/** Blends with a smoothed image (Pillow's `ImageFilter.SMOOTH`); a factor above 1 sharpens. */
function sharpen(pixels: Uint8Array, size: number, factor: number): void {
  const source = pixels.slice();
  const clamped = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.length);
  const row = size * 3;
  for (let y = 1; y < size - 1; y++) {
    for (let i = y * row + 3; i < (y + 1) * row - 3; i++) {
      let sum = 4 * source[i]!;
      for (let dy = -row; dy <= row; dy += row) {
        sum += source[i + dy - 3]! + source[i + dy]! + source[i + dy + 3]!;
      }
      clamped[i] = sum / 13 + factor * (source[i]! - sum / 13);
    }
  }
}

function posterize(pixels: Uint8Array, bits: number): void {
  const mask = 256 - (1 << (8 - bits));
  for (let i = 0; i < pixels.length; i++) pixels[i]! &= mask;
}

function solarize(pixels: Uint8Array, threshold: number): void {
  for (let i = 0; i < pixels.length; i++) {
    if (pixels[i]! >= threshold) pixels[i] = 255 - pixels[i]!;
  }
}

/** Stretches each channel to 0 … 255. */
function autoContrast(pixels: Uint8Array): void {
  mapChannels(pixels, (counts) => {
    const low = counts.findIndex((n) => n > 0);
    const high = counts.findLastIndex((n) => n > 0);
    if (high <= low) return undefined;
    return (v) => ((v - low) * 255) / (high - low);
  });
}

/** Makes each channel's histogram flat (Pillow's `ImageOps.equalize`). */
function equalize(pixels: Uint8Array): void {
  mapChannels(pixels, (counts) => {
    const last = counts.findLast((n) => n > 0)!;
    const step = Math.floor((pixels.length / 3 - last) / 255);
    if (step === 0) return undefined;
    const below: number[] = [];
    let sum = step >> 1;
    for (const count of counts) {
      below.push(Math.floor(sum / step));
      sum += count;
    }
    return (v) => below[v]!;
  });
}

/** Maps the values of each channel by a function of its histogram; undefined: unchanged. */
function mapChannels(
  pixels: Uint8Array,
  mapOf: (counts: readonly number[]) => ((value: number) => number) | undefined,
): void {
  for (let c = 0; c < 3; c++) {
    const counts = new Array<number>(256).fill(0);
    for (let i = c; i < pixels.length; i += 3) counts[pixels[i]!]!++;
    const map = mapOf(counts);
    if (!map) continue;
    const table = Uint8ClampedArray.from({ length: 256 }, (_, v) => map(v));
    for (let i = c; i < pixels.length; i += 3) pixels[i] = table[pixels[i]!]!;
  }
}

/**
 * Random erasing (Zhong et al. 2020): grey over a rectangle of 2 to 33 % of the image, of an aspect from
 * 0.3 to 3.3.
 * @param pixels uint8 RGB [size, size, 3], changed in place
 */
export function erase(pixels: Uint8Array, size: number, random: Random): void {
  const area = size * size * (0.02 + 0.31 * random());
  const aspect = Math.exp((2 * random() - 1) * Math.log(3.3));
  const width = Math.min(size, Math.round(Math.sqrt(area * aspect)));
  const height = Math.min(size, Math.round(Math.sqrt(area / aspect)));
  const left = Math.floor(random() * (size - width + 1));
  const top = Math.floor(random() * (size - height + 1));
  for (let y = top; y < top + height; y++) {
    pixels.fill(FILL, (y * size + left) * 3, (y * size + left + width) * 3);
  }
}
