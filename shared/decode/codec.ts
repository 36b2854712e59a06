/**
 * Codecs compiled from C (shared/codecs): plain WebAssembly, on the memory that they share.
 * @module
 */
import { HebbError } from '../model/index.ts';
import type { CodecPool } from './codec-pool.ts';

type Exports = Record<string, (...args: number[]) => number>;

/** `fail_kind` of shared/codecs/arena.h. */
const OUT_OF_MEMORY = 2;

/** The codec gave up; thrown through its frames in place of C's longjmp, so the instance is lost. */
export class CodecFailure extends Error {}

/** Runs `decode` with a fresh instance of the codec, which is gone when it returns. */
export async function withCodec<T>(
  pool: CodecPool,
  name: 'jpeg' | 'webp',
  decode: (codec: Codec) => T,
): Promise<T> {
  const module = await pool.module(name);
  const imports = { env: { fail: (kind: number, message: number) => fail(codec, kind, message) } };
  const { instance, memory } = pool.instantiate(name, module, imports);
  const codec = new Codec(instance, memory);
  return decode(codec);
}

/** One instance of a codec, for one image. What JavaScript allocates is never freed: the memory is shared. */
export class Codec {
  readonly #memory: WebAssembly.Memory;
  readonly #exports: Exports;

  constructor(instance: WebAssembly.Instance, memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#exports = instance.exports as unknown as Exports;
  }

  call(name: string, ...args: number[]): number {
    return this.#exports[name]!(...args);
  }

  allocate(bytes: number): number {
    return this.call('allocate', bytes);
  }

  /** Copies `data` into new memory of the codec. */
  copyIn(data: Uint8Array): number {
    const pointer = this.allocate(data.length);
    this.view(pointer, data.length).set(data);
    return pointer;
  }

  /** A view on the codec's memory; valid until it next allocates. */
  view(pointer: number, bytes: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, pointer, bytes);
  }

  u32(pointer: number): number {
    return new DataView(this.#memory.buffer).getUint32(pointer, true);
  }

  /** A C string. */
  text(pointer: number): string {
    const bytes = new Uint8Array(this.#memory.buffer, pointer);
    return String.fromCharCode(...bytes.subarray(0, bytes.indexOf(0)));
  }
}

function fail(codec: Codec, kind: number, message: number): never {
  if (kind === OUT_OF_MEMORY) {
    throw new HebbError('image_too_large', 'The image codec is out of memory.');
  }
  throw new CodecFailure(codec.text(message));
}
