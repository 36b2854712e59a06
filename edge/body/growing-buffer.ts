const FIRST_BYTES = 16_384;

/** Bytes of which nobody knows yet how many there will be. `transfer` grows them in place. */
export class GrowingBuffer {
  #buffer = new ArrayBuffer(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What is there, until something is appended. */
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

  /** The first so many bytes, in a buffer of just that size. This one is empty then. */
  finish(length = this.#length): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#buffer.transfer(length));
    this.#buffer = new ArrayBuffer(0);
    this.#length = 0;
    return bytes;
  }
}
