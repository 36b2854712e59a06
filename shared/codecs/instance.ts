/**
 * One instance of a codec's module, for one image or stream.
 * @module
 */
import { HebbError } from '../model/errors.ts';

type Exports = Record<string, (...args: number[]) => number>;

/** `fail_kind` of arena.h. */
const OUT_OF_MEMORY = 2;

/** The codec gave up; thrown through its frames in place of C's longjmp, so the instance is lost. */
export class CodecFailure extends Error {}

/** What an instance imports beside its memory. */
export interface CodecImports extends Record<string, WebAssembly.ImportValue> {
  readonly fail: (kind: number, message: number) => never;
}

/** Plain WebAssembly and its memory. What is allocated here is never freed: the memory is shared. */
export class Codec {
  readonly memory: WebAssembly.Memory;
  readonly #exports: Exports;

  /** @param create instantiates the module on a memory that is zero, or as good as (`heapEnd`) */
  constructor(
    create: (env: CodecImports) => {
      readonly instance: WebAssembly.Instance;
      readonly memory: WebAssembly.Memory;
    },
  ) {
    const { instance, memory } = create({ fail: (kind, message) => this.#fail(kind, message) });
    this.memory = memory;
    this.#exports = instance.exports as unknown as Exports;
  }

  call(name: string, ...args: number[]): number {
    return this.#exports[name]!(...args);
  }

  /** A pointer to new memory, 16-byte aligned. */
  allocate(bytes: number): number {
    return this.call('allocate', bytes) >>> 0;
  }

  /** Copies `data` into new memory of the codec. */
  copyIn(data: Uint8Array): number {
    const pointer = this.allocate(data.length);
    this.view(pointer, data.length).set(data);
    return pointer;
  }

  /** A view on the codec's memory; valid until it next allocates. */
  view(pointer: number, bytes: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, pointer, bytes);
  }

  u32(pointer: number): number {
    return new DataView(this.memory.buffer).getUint32(pointer, true);
  }

  /** A C string. */
  text(pointer: number): string {
    const bytes = new Uint8Array(this.memory.buffer, pointer);
    return String.fromCharCode(...bytes.subarray(0, bytes.indexOf(0)));
  }

  /** Bytes up to which the codec has written, stack and data included: zero these for the next one. */
  heapEnd(): number {
    return this.call('heap_end') >>> 0;
  }

  #fail(kind: number, message: number): never {
    if (kind === OUT_OF_MEMORY) {
      throw new HebbError('image_too_large', 'The image codec is out of memory.');
    }
    throw new CodecFailure(this.text(message));
  }
}
