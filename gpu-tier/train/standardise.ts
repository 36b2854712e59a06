/** What makes features centred and equally spread: (x − mean) · scale. Each float32 [width]. */
export interface Standard {
  readonly mean: Float32Array;
  readonly scale: Float32Array;
}

/**
 * Share of the features' mean deviation that is added to each: a feature that hardly ever changes is
 * noise, and shall not be blown up to the size of the others, nor the rounding of int8 with it. On
 * flowers with BVLC's trunk int8 loses 1.0 points of top-1 at 0.1, and none at 1.
 */
const FLOOR = 1;

/** @param data float32 [n, width] */
export function standardOf(data: Float32Array, width: number): Standard {
  const n = Math.max(data.length / width, 1);
  const mean = new Float64Array(width);
  data.forEach((value, at) => {
    mean[at % width]! += value / n;
  });
  const variance = new Float64Array(width);
  data.forEach((value, at) => {
    variance[at % width]! += (value - mean[at % width]!) ** 2 / n;
  });
  const deviation = variance.map(Math.sqrt);
  const floor = (FLOOR * deviation.reduce((sum, value) => sum + value, 0)) / width;
  const scale = deviation.map((value) => 1 / Math.max(value + floor, 1e-9));
  return { mean: Float32Array.from(mean), scale: Float32Array.from(scale) };
}

/** A copy of float32 [n, width], centred and equally spread. */
export function standardised(data: Float32Array, { mean, scale }: Standard): Float32Array {
  const width = mean.length;
  return data.map((value, at) => (value - mean[at % width]!) * scale[at % width]!);
}
