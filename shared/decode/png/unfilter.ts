/**
 * PNG's row filters, undone in place (W3C PNG, third edition, section 9).
 * @module
 */
import { broken } from '../bytes.ts';

/**
 * @param row filtered bytes, which become the pixels' bytes
 * @param above the row before, zeros for the first of a pass
 * @param left distance in bytes to the corresponding byte of the pixel to the left
 */
export function unfilter(filter: number, row: Uint8Array, above: Uint8Array, left: number): void {
  switch (filter) {
    case 0:
      return;
    case 1: // Sub
      for (let i = left; i < row.length; i++) row[i]! += row[i - left]!;
      return;
    case 2: // Up
      for (let i = 0; i < row.length; i++) row[i]! += above[i]!;
      return;
    case 3: // Average
      for (let i = 0; i < left; i++) row[i]! += above[i]! >> 1;
      for (let i = left; i < row.length; i++) row[i]! += (row[i - left]! + above[i]!) >> 1;
      return;
    case 4: // Paeth
      for (let i = 0; i < left; i++) row[i]! += above[i]!;
      for (let i = left; i < row.length; i++) {
        row[i]! += paeth(row[i - left]!, above[i]!, above[i - left]!);
      }
      return;
    default:
      throw broken(`a row has the unknown filter ${filter}`);
  }
}

/** Whichever of left, above and above-left is nearest to left + above − above-left. */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}
