/**
 * 3×3 kernels as our Winograd kernel reads them (gpu-tier/kernels/winograd.h).
 * @module
 */

/** Columns that lie together: PANEL of gpu-tier/kernels/product.h. */
export const PANEL = 32;

/** Planes of a transformed kernel, 6×6. */
const PATCH = 6;

/**
 * G of F(4×4, 3×3), with the points 0, ±1, ±2 and ∞ (Lavin & Gray, arXiv 1509.09308): a row of three
 * weights becomes six, G g.
 */
const G: readonly (readonly number[])[] = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
];

export const panelsOf = (outputs: number): number => Math.ceil(outputs / PANEL);

/**
 * G g Gᵀ for every input and output: [3, 3, inputs, outputs] to [36, panels, inputs, PANEL]. Outputs that
 * fill the last panel are zero.
 */
export function transformKernel(
  kernel: Float32Array,
  inputs: number,
  outputs: number,
): Float32Array {
  const panels = panelsOf(outputs);
  const transformed = new Float32Array(PATCH * PATCH * panels * inputs * PANEL);
  for (let plane = 0; plane < PATCH * PATCH; plane++) {
    const [rows, columns] = [G[Math.floor(plane / PATCH)]!, G[plane % PATCH]!];
    const share = Float64Array.from(
      { length: 9 },
      (_, t) => rows[Math.floor(t / 3)]! * columns[t % 3]!,
    );
    for (let input = 0; input < inputs; input++) {
      for (let output = 0; output < outputs; output++) {
        let sum = 0;
        for (let tap = 0; tap < 9; tap++) {
          sum += share[tap]! * kernel[(tap * inputs + input) * outputs + output]!;
        }
        const panel = plane * panels + Math.floor(output / PANEL);
        transformed[(panel * inputs + input) * PANEL + (output % PANEL)] = sum;
      }
    }
  }
  return transformed;
}

/** The bias, with zeros to the end of the last panel. */
export function padBias(bias: Float32Array): Float32Array {
  const padded = new Float32Array(panelsOf(bias.length) * PANEL);
  padded.set(bias);
  return padded;
}
