import { HebbError } from '../../../shared/model/errors.ts';
import { align } from './memory-plan.ts';

/** Of WebAssembly memory, bytes. */
export const PAGE = 65536;
/** The kernels keep no data of their own from here on. */
export const ARENA_START = 1024;

/**
 * Hands out places in a wasm memory, once, at load. Everything from the first page's second
 * kilobyte on is free.
 */
export class Arena {
  readonly #memory: WebAssembly.Memory;
  #end = ARENA_START;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  /** An address with `bytes` zeroed bytes behind it, aligned to 64. Views made before are stale. */
  reserve(bytes: number): number {
    const address = this.#end;
    this.#end += align(bytes);
    const missing = Math.ceil((this.#end - this.#memory.buffer.byteLength) / PAGE);
    if (missing > 0) this.#grow(missing);
    return address;
  }

  /** Copies `data` to a place of its own and gives its address. */
  place(data: ArrayBufferView): number {
    const address = this.reserve(data.byteLength);
    this.copy(data, address);
    return address;
  }

  /** Copies `data` to an address that was reserved before. */
  copy(data: ArrayBufferView, address: number): void {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    new Uint8Array(this.#memory.buffer).set(bytes, address);
  }

  /** A view on `length` 32-bit words, good until the next `reserve`. */
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
