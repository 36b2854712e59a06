/**
 * The committed codecs by themselves, each instance on a memory of its own.
 * @module
 */
import { readFileSync } from 'node:fs';
import type { CodecInstance } from '../../shared/codecs/instance.ts';

export const WASM = new URL('../../shared/codecs/wasm/', import.meta.url);

const modules = new Map<string, WebAssembly.Module>();

export function moduleOf(name: string): WebAssembly.Module {
  const known = modules.get(name);
  if (known) return known;
  const module = new WebAssembly.Module(readFileSync(new URL(`${name}.wasm`, WASM)));
  modules.set(name, module);
  return module;
}

/** What `env.fail` throws: the kind (arena.h) and the codec's words. */
export class Failure extends Error {
  readonly kind: number;

  constructor(kind: number, message: string) {
    super(message);
    this.kind = kind;
  }
}

export const OUT_OF_MEMORY = 2;

export interface Bounds {
  /** Pages of 64 KiB that the memory has from the start, and may come to. */
  readonly initial?: number;
  readonly maximum?: number;
  /** To use instead of a new memory. */
  readonly memory?: WebAssembly.Memory;
}

export interface MeasuredInstance extends CodecInstance {
  readonly memory: WebAssembly.Memory;
  copyIn(data: Uint8Array): number;
  /** Bytes up to which the module has written. */
  heapEnd(): number;
}

export function instantiate(name: string, bounds: Bounds = {}): MeasuredInstance {
  const { initial = 2, maximum = 4096 } = bounds;
  const memory = bounds.memory ?? new WebAssembly.Memory({ initial, maximum });
  const text = (pointer: number) => {
    const bytes = new Uint8Array(memory.buffer, pointer);
    return String.fromCharCode(...bytes.subarray(0, bytes.indexOf(0)));
  };
  const fail = (kind: number, message: number) => {
    throw new Failure(kind, text(message));
  };
  const instance = new WebAssembly.Instance(moduleOf(name), { env: { memory, fail } });
  const exports = instance.exports as Record<string, (...args: number[]) => number>;
  const call = (name: string, ...args: number[]) => exports[name]!(...args);
  const view = (pointer: number, bytes: number) => new Uint8Array(memory.buffer, pointer, bytes);
  const allocate = (bytes: number) => call('allocate', bytes) >>> 0;
  return {
    memory,
    call,
    allocate,
    view,
    text,
    u32: (pointer) => new DataView(memory.buffer).getUint32(pointer, true),
    copyIn: (data) => {
      const pointer = allocate(data.length);
      view(pointer, data.length).set(data);
      return pointer;
    },
    heapEnd: () => call('heap_end') >>> 0,
  };
}
