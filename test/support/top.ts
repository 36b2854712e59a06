/** Indices of the k largest values, the largest first. */
export function topK(values: ArrayLike<number>, k: number): number[] {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[b]! - values[a]!);
  return order.slice(0, k);
}
