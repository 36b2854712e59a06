/**
 * Cuts the inflated stream of a PNG into rows, pass by pass.
 * @module
 */
import { broken } from '../bytes.ts';
import type { PngHeader } from './header.ts';

/** The pixels of a row go to x, x + step, x + 2 · step … of row y. */
export interface RowPlace {
  readonly count: number;
  readonly y: number;
  readonly x: number;
  readonly step: number;
  /** No row above it belongs to the same pass. */
  readonly first: boolean;
}

/** First column and row of a pass, and the distance to the next of each. */
type Pass = readonly [x: number, y: number, dx: number, dy: number];

const WHOLE: readonly Pass[] = [[0, 0, 1, 1]];

/** Adam7 (PNG, section 8). */
const ADAM7: readonly Pass[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

function* rowPlaces({ width, height, interlaced }: PngHeader): Generator<RowPlace, undefined> {
  for (const [x, top, step, dy] of interlaced ? ADAM7 : WHOLE) {
    const count = Math.ceil((width - x) / step);
    if (count <= 0) continue; // a pass without columns has no rows either
    for (let y = top; y < height; y += dy) yield { count, y, x, step, first: y === top };
  }
}

export class RowReader {
  readonly #onRow: (row: Uint8Array, place: RowPlace) => void;
  readonly #places: Iterator<RowPlace, undefined>;
  readonly #bitsPerPixel: number;
  /** The row being filled, which starts with its filter byte, and the row above it. */
  #row: Uint8Array;
  #above: Uint8Array;
  #place: RowPlace | undefined;
  #length = 0;
  #filled = 0;

  /** @param buffer returns a zeroed buffer of this length */
  constructor(
    header: PngHeader,
    buffer: (bytes: number) => Uint8Array,
    onRow: (row: Uint8Array, place: RowPlace) => void,
  ) {
    this.#onRow = onRow;
    this.#bitsPerPixel = header.channels * header.bitDepth;
    this.#row = buffer(1 + this.#rowBytes(header.width));
    this.#above = buffer(this.#row.length);
    this.#places = rowPlaces(header);
    this.#next();
  }

  /** Whether every row was read. */
  get complete(): boolean {
    return this.#place === undefined;
  }

  /** Takes inflated bytes; ignores bytes after the last row. */
  push(piece: Uint8Array): void {
    for (let at = 0; at < piece.length && this.#place; ) {
      const part = piece.subarray(at, at + this.#length - this.#filled);
      this.#row.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === this.#length) this.#finishRow(this.#place);
    }
  }

  #finishRow(place: RowPlace): void {
    const pixels = this.#row.subarray(1, this.#length);
    const above = this.#above.subarray(1, this.#length);
    unfilter(this.#row[0]!, pixels, above, Math.max(1, this.#bitsPerPixel >> 3));
    this.#onRow(pixels, place);
    [this.#row, this.#above] = [this.#above, this.#row];
    this.#next();
  }

  #next(): void {
    this.#place = this.#places.next().value;
    if (!this.#place) return;
    this.#filled = 0;
    this.#length = 1 + this.#rowBytes(this.#place.count);
    if (this.#place.first) this.#above.fill(0);
  }

  #rowBytes(pixels: number): number {
    return Math.ceil((pixels * this.#bitsPerPixel) / 8);
  }
}

/**
 * Undoes a row filter in place (W3C PNG, third edition, section 9).
 * @param row filtered bytes, which become the pixels' bytes
 * @param above the row before, zeros for the first of a pass
 * @param left distance in bytes to the corresponding byte of the pixel to the left
 */
function unfilter(filter: number, row: Uint8Array, above: Uint8Array, left: number): void {
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

/** Of left, above and above-left, the one nearest to left + above − above-left. */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}
