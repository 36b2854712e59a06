/**
 * The rule that lets x86 CPUs without AVX-VNNI add products in 16 bits (see
 * shared/engine/kernels/assembly/qu7-qc8w-igemm-4x8c4-wasmrelaxedsimd-paired.ts). The quantiser keeps it; the
 * engine checks it.
 *
 * In each run of 8 input channels of one output channel, the products at {0,1,4,5} and those at
 * {2,3,6,7} are summed in an int16 lane: activations reach 127, so weights of one sign may sum to at
 * most 258 (127 · 258 = 32,766 < 2¹⁵).
 * @module
 */

export const PAIRED_WEIGHT_SUM = 258;

/** The largest sum that the rule bounds, of `depth` weights from `start` on. `depth` % 8 is 0. */
export function largestPairedSum(kernel: ArrayLike<number>, start: number, depth: number): number {
  let largest = 0;
  for (let run = start; run < start + depth; run += 8) {
    for (const first of [run, run + 2]) {
      let positive = 0;
      let negative = 0;
      for (const at of [first, first + 1, first + 4, first + 5]) {
        const w = kernel[at]!;
        if (w > 0) positive += w;
        else negative -= w;
      }
      largest = Math.max(largest, positive, negative);
    }
  }
  return largest;
}

/** Whether int8 weights [out][depth] keep the rule everywhere. */
export function isPairedExact(kernel: Int8Array, depth: number): boolean {
  if (depth % 8 !== 0) return false;
  for (let start = 0; start < kernel.length; start += depth) {
    if (largestPairedSum(kernel, start, depth) > PAIRED_WEIGHT_SUM) return false;
  }
  return true;
}
