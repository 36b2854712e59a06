/** Taps (rows of blocks) and channels (four blocks side by side) of the rearranged convolution. */
export const SPACE_TO_DEPTH = { taps: 4, channels: 48, depth: 192 } as const;

/**
 * The 7×7 kernels of conv1 over RGB (stride 2, padding 3) as 4×4 kernels over blocks of 2×2 pixels:
 * they grow to 8×8 by a row and a column of zeros in front.
 * @param kernel [out, 7, 7, 3]
 * @returns [out][4 row pairs][4 column pairs][2 rows][2 columns][3]
 */
export function spaceToDepth<T extends Int8Array | Float32Array>(kernel: T): T {
  const { depth } = SPACE_TO_DEPTH;
  const out = kernel.length / (7 * 7 * 3);
  const blocks = new (kernel.constructor as new (length: number) => T)(out * depth);
  for (let o = 0, from = 0; o < out; o++) {
    for (let y = 1; y < 8; y++) {
      for (let x = 1; x < 8; x++) {
        const block = (y >> 1) * 4 + (x >> 1);
        const to = o * depth + block * 12 + (y & 1) * 6 + (x & 1) * 3;
        for (let c = 0; c < 3; c++) blocks[to + c] = kernel[from++]!;
      }
    }
  }
  return blocks;
}
