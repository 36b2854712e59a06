/**
 * Reserves memory in the engine's WebAssembly memory.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { align } from './memory-plan.ts';

/** Bytes of a page of WebAssembly memory. */
export const PAGE = 65536;
/** The kernels' own data lies below this address. */
export const ARENA_START = 1024;

/** Reserves memory once, at load, from `ARENA_START` on. Nothing is freed. */
export class Arena {
  readonly #memory: WebAssembly.Memory;
  #end = ARENA_START;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  /**
   * Reserves zeroed bytes and returns their address, aligned to 64. Earlier views of the memory are
   * detached when it grows.
   * @throws `model_unavailable` when the memory cannot grow
   */
  reserve(bytes: number): number {
    const address = this.#end;
    this.#end += align(bytes);
    const missing = Math.ceil((this.#end - this.#memory.buffer.byteLength) / PAGE);
    if (missing > 0) this.#grow(missing);
    return address;
  }

  /** Copies `data` into newly reserved memory and returns its address. */
  place(data: ArrayBufferView): number {
    const address = this.reserve(data.byteLength);
    this.copy(data, address);
    return address;
  }

  /** Copies `data` to an address reserved earlier. */
  copy(data: ArrayBufferView, address: number): void {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    new Uint8Array(this.#memory.buffer).set(bytes, address);
  }

  /** A view of `length` 32-bit words, valid until the next `reserve`. */
  words(address: number, length: number): Uint32Array {
    return new Uint32Array(this.#memory.buffer, address, length);
  }

  #grow(pages: number): void {
    try {
      this.#memory.grow(pages);
    } catch (cause) {
      throw new HebbError('model_unavailable', 'There is no memory left for the model.', { cause });
    }
  }
}
