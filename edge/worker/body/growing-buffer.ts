const FIRST_BYTES = 16_384;

/** A buffer of unknown size, which `transfer` grows in place. */
export class GrowingBuffer {
  #buffer = new ArrayBuffer(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The bytes so far; valid until the next `append`. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#buffer, 0, this.#length);
  }

  append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#buffer.byteLength) {
      const size = Math.max(FIRST_BYTES, length, Math.ceil(this.#buffer.byteLength * 1.5));
      this.#buffer = this.#buffer.transfer(size);
    }
    new Uint8Array(this.#buffer).set(bytes, this.#length);
    this.#length = length;
  }

  keepLast(bytes: number): void {
    const last = this.bytes.slice(Math.max(0, this.#length - bytes));
    this.#buffer = last.buffer;
    this.#length = last.length;
  }

  /** The first `length` bytes, in a buffer of that size. Empties this one. */
  finish(length = this.#length): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#buffer.transfer(length));
    this.#buffer = new ArrayBuffer(0);
    this.#length = 0;
    return bytes;
  }
}
