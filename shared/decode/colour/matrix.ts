/**
 * Matrices of 3×3 in float64. Uses only + − × ÷, which IEEE 754 rounds the same way everywhere.
 * @module
 */

/** Row-major, 9 numbers. */
export type Matrix = readonly number[];

export type Vector = readonly [number, number, number];

/** a · b */
export function multiply(a: Matrix, b: Matrix): Matrix {
  return a.map((_, i) => {
    const row = i - (i % 3);
    const column = i % 3;
    return a[row]! * b[column]! + a[row + 1]! * b[column + 3]! + a[row + 2]! * b[column + 6]!;
  });
}

export const apply = (m: Matrix, [x, y, z]: Vector): Vector => [
  m[0]! * x + m[1]! * y + m[2]! * z,
  m[3]! * x + m[4]! * y + m[5]! * z,
  m[6]! * x + m[7]! * y + m[8]! * z,
];

export const fromColumns = (a: Vector, b: Vector, c: Vector): Matrix =>
  [0, 1, 2].flatMap((row) => [a[row]!, b[row]!, c[row]!]);

export const diagonal = ([a, b, c]: Vector): Matrix => [a, 0, 0, 0, b, 0, 0, 0, c];

/** By cofactors. A singular matrix gives numbers that are not finite. */
export function invert(m: Matrix): Matrix {
  const [a, b, c, d, e, f, g, h, i] = m as [...Vector, ...Vector, ...Vector];
  const [A, B, C] = [e * i - f * h, f * g - d * i, d * h - e * g];
  const determinant = a * A + b * B + c * C;
  const cofactors = [A, c * h - b * i, b * f - c * e, B, a * i - c * g];
  cofactors.push(c * d - a * f, C, b * g - a * h, a * e - b * d);
  return cofactors.map((cofactor) => cofactor / determinant);
}
