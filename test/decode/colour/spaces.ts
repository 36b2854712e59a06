/**
 * Colour spaces by their published numbers, and the conversion to sRGB in floating point by the formulas: the
 * reference for the decoder's integer tables.
 * @module
 */
import type { TestCurve } from './icc-writer.ts';

export interface Space {
  /** XYZ under D50 (Lindbloom; of Display P3: its ICC profile). */
  readonly colourants: readonly (readonly number[])[];
  readonly toLight: (value: number) => number;
  readonly curves: readonly TestCurve[];
}

const gamma = (exponent: number) => ({
  toLight: (value: number) => value ** exponent,
  curves: [{ curv: [exponent] }],
});

const srgbToLight = (value: number) =>
  value > 0.04045 ? ((value + 0.055) / 1.055) ** 2.4 : value / 12.92;

const SRGB_PARA: TestCurve = { para: [3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045] };

export const srgbTable = (entries: number): TestCurve => ({
  curv: Array.from({ length: entries }, (_, i) =>
    Math.round(srgbToLight(i / (entries - 1)) * 65_535),
  ),
});

export const SPACES = {
  srgb: {
    colourants: [
      [0.4360747, 0.2225045, 0.0139322],
      [0.3850649, 0.7168786, 0.0971045],
      [0.1430804, 0.0606169, 0.7141733],
    ],
    toLight: srgbToLight,
    curves: [SRGB_PARA],
  },
  'Display P3': {
    colourants: [
      [0.51512, 0.2412, -0.00105],
      [0.29198, 0.69225, 0.04189],
      [0.1571, 0.06657, 0.78407],
    ],
    toLight: srgbToLight,
    curves: [SRGB_PARA],
  },
  'Adobe RGB': {
    colourants: [
      [0.6097559, 0.3111242, 0.0194811],
      [0.2052401, 0.625656, 0.0608902],
      [0.149224, 0.0632197, 0.7448387],
    ],
    ...gamma(563 / 256),
  },
  'ProPhoto RGB': {
    colourants: [
      [0.7976749, 0.2880402, 0],
      [0.1351917, 0.7118741, 0],
      [0.0313534, 0.0000857, 0.82521],
    ],
    ...gamma(461 / 256),
  },
} as const satisfies Record<string, Space>;

/** XYZ under D50 to linear sRGB (Lindbloom). */
const TO_SRGB = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
];

/** The pixels in sRGB; uint8 [.., 3]. */
export function plainlyToSrgb(rgb: Uint8Array, { colourants, toLight }: Omit<Space, 'curves'>) {
  const out = new Uint8Array(rgb.length);
  for (let i = 0; i < rgb.length; i += 3) {
    const light = [...rgb.subarray(i, i + 3)].map((value) => toLight(value / 255));
    const xyz = [0, 1, 2].map((k) =>
      dot(
        colourants.map((colourant) => colourant[k]!),
        light,
      ),
    );
    out.set(
      TO_SRGB.map((row) => Math.round(255 * fromLight(dot(row, xyz)))),
      i,
    );
  }
  return out;
}

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

function fromLight(light: number): number {
  const x = Math.min(Math.max(light, 0), 1);
  return x > 0.0031308 ? 1.055 * x ** (1 / 2.4) - 0.055 : 12.92 * x;
}
