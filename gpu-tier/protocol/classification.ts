import type { Label } from '../../shared/model/index.ts';

/**
 * Triton's classification extension: per row the `k` largest values, best first, each as
 * `value:index:label` (without a label where the output is not one score per class).
 * @returns strings [rows, k], row-major
 */
export function classifications(
  values: Float32Array,
  rows: number,
  k: number,
  labels: readonly Label[] | undefined,
): string[] {
  const width = values.length / rows;
  return Array.from({ length: rows }, (_, row) => {
    const scores = values.subarray(row * width, (row + 1) * width);
    const order = Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b);
    return order.slice(0, k).map((index) => {
      const label = labels?.[index] ? `:${labels[index].name}` : '';
      return `${scores[index]!.toFixed(6)}:${index}${label}`;
    });
  }).flat();
}
