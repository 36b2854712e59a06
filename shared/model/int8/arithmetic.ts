/**
 * The arithmetic of the int8 network, one number at a time. The kernels must give the same bits
 * (Math.fround rounds the float32 steps).
 * @module
 */

const { fround } = Math;

/** Activations are unsigned 7-bit: 0..127. */
export const ACTIVATION_MAX = 127;
/** Weights are signed 8-bit without −128, so that the range is symmetric. */
export const WEIGHT_MAX = 127;

/** Adding 1.5 · 2²³ to a float32 below 2²² rounds it to an integer, half to even. */
const ROUNDING = 12582912;

/** Largest |accumulator · multiplier| for which rounding by addition is exact. */
export const REQUANTIZE_LIMIT = 2 ** 22;

/** float32 to the nearest integer, ties to even. */
export function roundHalfEven(x: number): number {
  return fround(x + ROUNDING) - ROUNDING;
}

const clampToActivation = (x: number): number => Math.min(Math.max(x, 0), ACTIVATION_MAX);

/** int32 accumulator → u7 activation, ReLU included. `multiplier` is a float32. */
export function requantize(accumulator: number, multiplier: number): number {
  return clampToActivation(roundHalfEven(fround(fround(accumulator) * multiplier)));
}

/** Constants of one LRN layer, all float32. */
export interface LrnConstants {
  /** [channels]: real input = input scale · factor · u7. At most 1. */
  readonly factors: Float32Array;
  /** alpha / size · (input scale)². */
  readonly squareScale: number;
  readonly bias: number;
  /** input scale / output scale. */
  readonly multiplier: number;
}

/**
 * Activation in steps of the input scale (factor · u7, float32), and the squares of the five around it, from the
 * lowest channel to the highest → u7 activation; beta is 0.75.
 */
export function localResponseNormalize(
  x: number,
  [a, b, c, d, e]: readonly [number, number, number, number, number],
  k: LrnConstants,
): number {
  const squares = fround(fround(fround(a + b) + fround(c + d)) + e);
  const t = fround(fround(squares * k.squareScale) + k.bias);
  const root = fround(Math.sqrt(t));
  const power = fround(root * fround(Math.sqrt(root)));
  return clampToActivation(roundHalfEven(fround(fround(x * k.multiplier) / power)));
}

const LOG2E = fround(Math.LOG2E);
const LN2_HIGH = 0.693359375;
const LN2_LOW = fround(-2.1219444e-4);
const EXP_COEFFICIENTS = [
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1,
  5.0000001201e-1,
].map(fround);

/** exp(x) in float32 for x in [−87, 0] (Cephes expf: relative error below 2e-7). */
export function exp(x: number): number {
  const n = Math.floor(fround(fround(x * LOG2E) + 0.5));
  const r = fround(fround(x - fround(n * LN2_HIGH)) - fround(n * LN2_LOW));
  const p = EXP_COEFFICIENTS.reduce((sum, c) => fround(fround(sum * r) + c));
  return fround(fround(fround(fround(p * fround(r * r)) + r) + 1) * 2 ** n);
}

/** 1 / (1 + e^−x) of a float32; without overflow, because the exponent is never positive. */
export function sigmoid(x: number): number {
  const e = exp(Math.max(-Math.abs(x), -87));
  return fround((x < 0 ? e : 1) / fround(1 + e));
}

/** Softmax of float32 logits [classes], summed in order. */
export function softmax(logits: Float32Array): Float32Array {
  const top = logits.reduce((a, b) => Math.max(a, b));
  const exponentials = logits.map((logit) => exp(Math.max(fround(logit - top), -87)));
  const sum = exponentials.reduce((a, b) => fround(a + b), 0);
  return exponentials.map((e) => e / sum);
}
