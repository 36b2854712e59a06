/**
 * The layout of conv1. With three colours a dot product of four would be a quarter empty, so each row of
 * its 7×7 window is one run of bytes: 7 columns of 3 colours, and an eighth column with
 * weights of 0.
 */
export const FIRST_CONV = {
  /** Rows of the window. */
  taps: 7,
  /** Bytes that a row of the window takes: 8 columns of 3 colours. */
  channels: 24,
} as const;

/**
 * conv1's weights in this layout.
 * @param kernel [out, 7, 7, 3]
 * @returns [out, 7, 24]
 */
export function firstConvRows(kernel: Int8Array): Int8Array<ArrayBuffer> {
  const from = 7 * 3;
  const rows = new Int8Array((kernel.length / from) * FIRST_CONV.channels);
  for (let row = 0; row * from < kernel.length; row++) {
    rows.set(kernel.subarray(row * from, (row + 1) * from), row * FIRST_CONV.channels);
  }
  return rows;
}
