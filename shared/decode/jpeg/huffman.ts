/**
 * Huffman codes and the bit stream they are read from (T.81, Annexes C and F.2.2).
 * @module
 */
import { broken } from '../bytes.ts';

const LOOKUP_BITS = 9;

/** A canonical code, as a table over the next 9 bits; longer codes are compared length by length. */
export class HuffmanTable {
  readonly #symbols: Uint8Array;
  /** Per 9 bits: length × 256 + symbol, or 0 where the code is longer. */
  readonly #lookup = new Uint16Array(1 << LOOKUP_BITS);
  /** Per length: first code that is longer (left-aligned to 16 bits). */
  readonly #limit = new Int32Array(18);
  /** Per length: what to add to a code to get its symbol's index. */
  readonly #offset = new Int32Array(17);

  /** @param counts codes per length 1..16; @param symbols in code order */
  constructor(counts: Uint8Array, symbols: Uint8Array) {
    this.#symbols = symbols;
    let code = 0;
    let index = 0;
    for (let length = 1; length <= 16; length++, code <<= 1) {
      this.#offset[length] = index - code;
      for (let i = 0; i < counts[length - 1]!; i++, code++, index++)
        this.#enter(code, length, index);
      if (code > 1 << length) throw broken('a Huffman table has too many codes');
      this.#limit[length] = code << (16 - length);
    }
  }

  #enter(code: number, length: number, index: number): void {
    if (length > LOOKUP_BITS) return;
    const spare = LOOKUP_BITS - length;
    const entry = (length << 8) | this.#symbols[index]!;
    this.#lookup.fill(entry, code << spare, (code + 1) << spare);
  }

  /** Reads one symbol. */
  read(bits: BitReader): number {
    const next = bits.peek16();
    const entry = this.#lookup[next >> (16 - LOOKUP_BITS)]!;
    if (entry !== 0) {
      bits.skip(entry >> 8);
      return entry & 255;
    }
    for (let length = LOOKUP_BITS + 1; length <= 16; length++) {
      if (next >= this.#limit[length]!) continue;
      bits.skip(length);
      return this.#symbols[(next >> (16 - length)) + this.#offset[length]!]!;
    }
    throw broken('its picture data hold a code that no table has');
  }
}

/** Bits of one scan, most significant first, without the zero bytes stuffed after 0xFF. */
export class BitReader {
  readonly #data: Uint8Array;
  readonly #end: number;
  #at: number;
  #bits = 0;
  #count = 0;

  constructor(data: Uint8Array, begin: number, end: number) {
    this.#data = data;
    this.#at = begin;
    this.#end = end;
  }

  /** The next 16 bits, zeros past the end of the data. */
  peek16(): number {
    this.#fill();
    return this.#count >= 16
      ? (this.#bits >>> (this.#count - 16)) & 0xffff
      : (this.#bits << (16 - this.#count)) & 0xffff;
  }

  skip(count: number): void {
    if (count > this.#count) throw broken('its picture data end too early');
    this.#count -= count;
  }

  /** An unsigned number of `count` ≤ 16 bits. */
  read(count: number): number {
    const value = this.peek16() >> (16 - count);
    this.skip(count);
    return value;
  }

  /** Moves on to the data after restart marker `number` (0..7). */
  restart(number: number): void {
    this.#count = 0;
    let at = this.#at;
    while (at < this.#end && !(this.#data[at] === 0xff && isRestart(this.#data[at + 1]!))) at++;
    if (at >= this.#end || (this.#data[at + 1]! & 7) !== number) {
      throw broken(`its restart marker ${number} is missing`);
    }
    this.#at = at + 2;
  }

  #fill(): void {
    while (this.#count <= 16 && this.#at < this.#end) {
      const byte = this.#data[this.#at]!;
      if (byte === 0xff && this.#data[this.#at + 1] !== 0) return; // a restart marker
      this.#at += byte === 0xff ? 2 : 1;
      this.#bits = (this.#bits << 8) | byte;
      this.#count += 8;
    }
  }
}

const isRestart = (marker: number) => marker >= 0xd0 && marker <= 0xd7;
