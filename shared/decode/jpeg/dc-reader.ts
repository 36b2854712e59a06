import { broken } from '../bytes.ts';
import type { BitReader, HuffmanTable } from './huffman.ts';
import type { Scan } from './scans.ts';

/**
 * DC coefficients of one component in one scan: a first scan, coded as differences, or one that
 * refines them by a bit (T.81, Annex G.1.2.1).
 */
export class DcReader {
  readonly #bits: BitReader;
  readonly #table: HuffmanTable | undefined;
  readonly #low: number;
  readonly #refines: boolean;
  #prediction = 0;

  constructor(bits: BitReader, table: HuffmanTable | undefined, scan: Scan) {
    this.#bits = bits;
    this.#table = table;
    this.#low = scan.low;
    this.#refines = scan.high > 0;
    if (!this.#refines && !table) throw broken('a scan uses a Huffman table that is not there');
  }

  /** The coefficient after this scan, given what it was before. */
  next(before: number): number {
    if (this.#refines) return before | (this.#bits.read(1) << this.#low);
    const size = this.#table!.read(this.#bits);
    if (size > 15) throw broken('a DC coefficient is out of range');
    if (size > 0) {
      const value = this.#bits.read(size);
      const negative = value < 1 << (size - 1);
      this.#prediction += negative ? value - (1 << size) + 1 : value;
    }
    return this.#prediction << this.#low;
  }

  restart(): void {
    this.#prediction = 0;
  }
}
