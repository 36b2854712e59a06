import { HebbError } from '@hebb/model';

/** Reads numbers from a file's bytes; every read past the end throws `broken_image`. */
export class Bytes {
  readonly data: Uint8Array;
  readonly length: number;
  readonly #view: DataView;

  constructor(data: Uint8Array) {
    this.data = data;
    this.length = data.length;
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  u8(at: number): number {
    return this.#view.getUint8(this.#check(at, 1));
  }

  u16(at: number, littleEndian = false): number {
    return this.#view.getUint16(this.#check(at, 2), littleEndian);
  }

  /** 24 bits, little endian (WebP only). */
  u24(at: number): number {
    return this.u16(at, true) | (this.u8(at + 2) << 16);
  }

  u32(at: number, littleEndian = false): number {
    return this.#view.getUint32(this.#check(at, 4), littleEndian);
  }

  /** Characters of a four-character code or magic number. */
  ascii(at: number, length: number): string {
    return String.fromCharCode(...this.slice(at, length));
  }

  /** A view, not a copy. */
  slice(at: number, length: number): Uint8Array {
    return this.data.subarray(this.#check(at, length), at + length);
  }

  /** Whether the bytes at `at` are these characters; false past the end. */
  startsWith(text: string, at = 0): boolean {
    return at >= 0 && at + text.length <= this.length && this.ascii(at, text.length) === text;
  }

  #check(at: number, length: number): number {
    if (at >= 0 && length >= 0 && at + length <= this.length) return at;
    throw broken('the file ends too early');
  }
}

/** The error for a file of a known format with invalid bytes. */
export function broken(why: string, cause?: unknown): HebbError {
  return new HebbError('broken_image', `The image is broken: ${why}.`, { cause });
}
