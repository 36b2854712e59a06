/**
 * Tone curves.
 * @module
 */

/** A stored value, 0..1, to linear light, 0..1. */
export type Curve = (value: number) => number;

export const linearCurve: Curve = (value) => value;

export const powerCurve =
  (exponent: number): Curve =>
  (value) =>
    value ** exponent;

/** IEC 61966-2-1. */
export const srgbCurve: Curve = (value) =>
  value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;

/** SMPTE 240M: the inverse of its camera's curve (ITU-T H.273, table 3, value 7). */
export const smpte240Curve: Curve = (value) =>
  value < 4 * 0.0228 ? value / 4 : ((value + 0.1115) / 1.1115) ** (1 / 0.45);
