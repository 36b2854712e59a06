/**
 * The matrix of a colour space from its primaries.
 * @module
 */
import {
  apply,
  diagonal,
  fromColumns,
  invert,
  type Matrix,
  multiply,
  type Vector,
} from './matrix.ts';

/** CIE 1931 x and y. */
export type Chromaticity = readonly [number, number];

export interface Primaries {
  readonly white: Chromaticity;
  readonly red: Chromaticity;
  readonly green: Chromaticity;
  readonly blue: Chromaticity;
}

/** CIE illuminant D65 as ITU-T H.273 rounds it. */
export const D65: Chromaticity = [0.3127, 0.329];

/** Those of BT.709 and of sRGB (IEC 61966-2-1). */
export const SRGB_PRIMARIES: Primaries = {
  white: D65,
  red: [0.64, 0.33],
  green: [0.3, 0.6],
  blue: [0.15, 0.06],
};

/** White of ICC's profile connection space (ICC.1:2022, 7.2.16), XYZ. */
const PCS_WHITE: Vector = [0.9642, 1, 0.8249];

/** XYZ to the responses of the eye's cones, by Bradford's adaptation (ICC.1:2022, annex E). */
const BRADFORD: Matrix = [
  ...[0.8951, 0.2664, -0.1614],
  ...[-0.7502, 1.7135, 0.0367],
  ...[0.0389, -0.0685, 1.0296],
];

/** Linear RGB to the profile connection space. Not finite for invalid primaries. */
export function toPcs({ white, red, green, blue }: Primaries): Matrix {
  const unscaled = fromColumns(xyz(red), xyz(green), xyz(blue));
  // The scales that make (1, 1, 1) white.
  const rgbToXyz = multiply(unscaled, diagonal(apply(invert(unscaled), xyz(white))));
  return multiply(adaptation(xyz(white)), rgbToXyz);
}

/** At luminance 1. */
const xyz = ([x, y]: Chromaticity): Vector => [x / y, 1, (1 - x - y) / y];

/** From colours under `white` to colours that look the same under the PCS's white. */
function adaptation(white: Vector): Matrix {
  const from = apply(BRADFORD, white);
  const to = apply(BRADFORD, PCS_WHITE);
  const gains = diagonal([to[0] / from[0], to[1] / from[1], to[2] / from[2]]);
  return multiply(invert(BRADFORD), multiply(gains, BRADFORD));
}

/** The profile connection space to linear sRGB. */
export const PCS_TO_SRGB: Matrix = invert(toPcs(SRGB_PRIMARIES));
