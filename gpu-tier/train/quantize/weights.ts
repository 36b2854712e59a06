/**
 * Symmetric int8 quantisation of weights, one scale per output channel.
 * @module
 */
import { largestPairedSum, PAIRED_WEIGHT_SUM, WEIGHT_MAX } from '@hebb/model';

export interface QuantizedRows {
  /** int8 [out][depth]. */
  readonly rows: Int8Array<ArrayBuffer>;
  /** float32 [out]: real weight = scale · int8. */
  readonly scale: Float32Array<ArrayBuffer>;
}

/** HWIO (or [in, out]) float32 → rows [out][depth], the order of the int8 file. */
export function toRows(kernel: Float32Array, out: number): Float32Array {
  const depth = kernel.length / out;
  const rows = new Float32Array(kernel.length);
  for (let i = 0; i < depth; i++) {
    for (let o = 0; o < out; o++) rows[o * depth + i] = kernel[i * out + o]!;
  }
  return rows;
}

/**
 * Quantises rows of weights. The scale of a row is its largest weight over 127, or larger if the paired
 * sums would overflow 16-bit lanes (shared/model/int8/paired.ts).
 * @param arrange reorders a row as the kernels read it
 * @param steps scales to start from instead, of weights that are multiples of them
 */
export function quantizeRows(
  weights: Float32Array,
  out: number,
  arrange: (row: Int8Array) => Int8Array = (row) => row,
  steps?: Float32Array,
): QuantizedRows {
  const depth = weights.length / out;
  const rows = new Int8Array(weights.length);
  const scale = new Float32Array(out);
  for (let o = 0; o < out; o++) {
    const row = weights.subarray(o * depth, (o + 1) * depth);
    const largest = largestMagnitude(row);
    let step = steps?.[o] ?? (largest > 0 ? largest / WEIGHT_MAX : 1);
    let quantized = quantizeRow(row, step);
    for (let sum = pairedSum(arrange(quantized)); sum > PAIRED_WEIGHT_SUM; ) {
      step *= Math.max(sum / PAIRED_WEIGHT_SUM, 1.002);
      quantized = quantizeRow(row, step);
      sum = pairedSum(arrange(quantized));
    }
    rows.set(quantized, o * depth);
    scale[o] = step;
  }
  return { rows, scale };
}

function largestMagnitude(row: Float32Array): number {
  let largest = 0;
  for (const w of row) largest = Math.max(largest, Math.abs(w));
  return largest;
}

function quantizeRow(row: Float32Array, step: number): Int8Array {
  const quantized = new Int8Array(row.length);
  for (let i = 0; i < row.length; i++) {
    quantized[i] = Math.max(-WEIGHT_MAX, Math.min(WEIGHT_MAX, Math.round(row[i]! / step)));
  }
  return quantized;
}

/** 0 when the rule does not apply: the depth is not a multiple of 8. */
const pairedSum = (row: Int8Array): number =>
  row.length % 8 === 0 ? largestPairedSum(row, 0, row.length) : 0;
