/**
 * Converts pixels of another RGB colour space to sRGB.
 *
 * It computes in integers: table, matrix, table. The tables come from `Math.pow`, whose last bit
 * depends on the JavaScript engine, and are rounded to 15 bits, which removes that bit. So the
 * same picture has the same pixels at the edge, at the GPU tier and in training.
 * @module
 */
import { type Curve, srgbCurve } from './curve.ts';
import type { Matrix } from './matrix.ts';

export interface ColourTransform {
  /** Linear light of each value of each channel, 0..LINEAR_MAX: uint16 [3, 256]. */
  readonly linear: Uint16Array;
  /** Linear RGB to linear sRGB, row-major, times 2^MATRIX_BITS: int32 [3, 3]. */
  readonly matrix: Int32Array;
}

/**
 * Full linear light. Near black, where sRGB is steepest, one step is 0.1 levels; and the products
 * below fit 32 bits.
 */
const LINEAR_MAX = 32_767;
const MATRIX_BITS = 13;

/** Largest sum of a matrix row's magnitudes whose products fit 32 bits; ProPhoto RGB has 3.1. */
const MAX_ROW = 7.9;

/** Converts RGB pixels, uint8 [.., 3], in place. Colours outside of sRGB are clipped. */
export function toSrgb(rgb: Uint8Array, { linear, matrix }: ColourTransform): void {
  const [rr, rg, rb, gr, gg, gb, br, bg, bb] = matrix as unknown as Nine;
  for (let i = 0; i + 2 < rgb.length; i += 3) {
    const r = linear[rgb[i]!]!;
    const g = linear[256 + rgb[i + 1]!]!;
    const b = linear[512 + rgb[i + 2]!]!;
    rgb[i] = encode(Math.imul(rr, r) + Math.imul(rg, g) + Math.imul(rb, b));
    rgb[i + 1] = encode(Math.imul(gr, r) + Math.imul(gg, g) + Math.imul(gb, b));
    rgb[i + 2] = encode(Math.imul(br, r) + Math.imul(bg, g) + Math.imul(bb, b));
  }
}

type N = number;
type Nine = readonly [N, N, N, N, N, N, N, N, N];

function encode(scaled: number): number {
  const light = (scaled + (1 << (MATRIX_BITS - 1))) >> MATRIX_BITS;
  return ENCODED[Math.min(Math.max(light, 0), LINEAR_MAX)]!;
}

/** sRGB's level, 0..255, of each linear light: the nearest one. */
const ENCODED = new Uint8Array(LINEAR_MAX + 1);
for (let level = 1; level < 256; level++) {
  ENCODED.fill(level, Math.ceil(srgbCurve((level - 0.5) / 255) * LINEAR_MAX));
}

/**
 * The transform with these tone curves and this matrix of linear RGB to linear sRGB. Undefined if no
 * colour changes by more than a level, or if the numbers are not a valid colour
 * space (not finite, extremely large, or turning white into black), as in damaged files.
 */
export function makeTransform(
  curves: readonly [red: Curve, green: Curve, blue: Curve],
  toLinearSrgb: Matrix,
): ColourTransform | undefined {
  const linear = new Uint16Array(3 * 256);
  for (const [channel, curve] of curves.entries()) {
    for (let value = 0; value < 256; value++) {
      const light = curve(value / 255);
      if (!Number.isFinite(light)) return undefined;
      linear[channel * 256 + value] = Math.round(Math.min(Math.max(light, 0), 1) * LINEAR_MAX);
    }
  }
  for (let row = 0; row < 9; row += 3) {
    const [a, b, c] = toLinearSrgb.slice(row, row + 3).map(Math.abs) as [N, N, N];
    if (!(a + b + c <= MAX_ROW)) return undefined; // NaN too
  }
  const matrix = Int32Array.from(toLinearSrgb, (x) => Math.round(x * 2 ** MATRIX_BITS));
  const transform = { linear, matrix };
  return isOfUse(transform) ? transform : undefined;
}

/** Whether black stays dark, white stays light, and some colour changes by more than a level. */
function isOfUse(transform: ColourTransform): boolean {
  const after = PROBES.slice();
  toSrgb(after, transform);
  const isSane = after.every(
    (value, i) => !isBlackOrWhite(i) || Math.abs(value - PROBES[i]!) < 128,
  );
  return isSane && after.some((value, i) => Math.abs(value - PROBES[i]!) > 1);
}

/** All greys, black first and white last, then a grid of 9×9×9 colours. */
const PROBES = Uint8Array.from([
  ...Array.from({ length: 256 * 3 }, (_, i) => Math.trunc(i / 3)),
  ...Array.from({ length: 9 ** 3 }, (_, i) =>
    [Math.trunc(i / 81), Math.trunc(i / 9) % 9, i % 9].map((step) => Math.min(step * 32, 255)),
  ).flat(),
]);

const isBlackOrWhite = (i: number) => i < 3 || (i >= 255 * 3 && i < 256 * 3);
