/**
 * Codecs compiled from C: plain WebAssembly with `malloc`, on the memory that they share.
 * @module
 */
import { HebbError } from '../model/index.ts';
import type { CodecPool } from './codec-pool.ts';

type Exports = Record<string, (...args: number[]) => number>;

/** Thrown through the codec's frames in place of C's longjmp; the instance is lost. */
export class LongJump extends Error {}

/** Runs `decode` with a fresh instance of the codec, which is gone when it returns. */
export async function withCodec<T>(
  pool: CodecPool,
  name: 'jpeg' | 'webp',
  decode: (codec: Codec) => T,
): Promise<T> {
  const module = await pool.module(name);
  const { instance, memory } = pool.instantiate(name, module, IMPORTS);
  return decode(new Codec(instance, memory));
}

/** One instance of a codec, for one image. What it allocates is never freed: the memory is shared. */
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
    const pointer = this.call('malloc', bytes);
    if (pointer === 0) throw new HebbError('image_too_large', 'The image codec is out of memory.');
    return pointer;
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

const refuse = (name: string) => () => {
  throw new LongJump(`the codec called ${name}`);
};

/** Decoders touch no files; setjmp returns for the first time, and only, with 0. */
const IMPORTS = {
  env: { setjmp: () => 0, longjmp: refuse('longjmp') },
  wasi_snapshot_preview1: {
    environ_sizes_get: () => 0,
    environ_get: refuse('environ_get'),
    proc_exit: refuse('proc_exit'),
    fd_close: refuse('fd_close'),
    fd_seek: refuse('fd_seek'),
    fd_write: refuse('fd_write'),
  },
};
