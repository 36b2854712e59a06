/**
 * The one memory in which images are decoded, one after another.
 *
 * workerd frees the memory of dropped WebAssembly instances late or never (40 instances of
 * 50 MB: 2 GB). So an isolate has one memory for all images and all codecs, which grows to the size that the
 * largest image needed. Each image uses the whole memory, from its first byte to the network's input, without
 * an `await` in between. It starts with zeroed memory and its own codec instance, so an earlier image cannot
 * change a pixel.
 * @module
 */

import { broken } from './bytes.ts';
import { type CodecExports, CodecFailure, codecImports, codecText, outOfMemory } from './codec.ts';
import type { CodecInstance } from './codecs/instance.ts';

/** WebAssembly's page, bytes. */
const PAGE = 65_536;

/** Compiled modules, each loaded at first use. In workerd they are imported files. */
export type CodecModules = Readonly<Record<CodecName, () => Promise<WebAssembly.Module>>>;

export type CodecName = 'jpeg' | 'webp' | 'avif' | 'inflate';

/** Memory of a codec's module before it allocates: data, tables and the stack, bytes. */
const CODEC_BYTES: Record<CodecName, number> = {
  jpeg: 0x40000,
  webp: 0x40000,
  avif: 0x200000,
  inflate: 0x20000,
};

export interface Codec {
  readonly name: CodecName;
  readonly module: WebAssembly.Module;
}

export class DecodeArena {
  readonly #modules: CodecModules;
  readonly #maximumPages: number;
  #memory: WebAssembly.Memory | undefined;
  /** Bytes from the start that an image may have written. */
  #used = 0;

  /** @param maxBytes limit of the memory, and so of one image */
  constructor(modules: CodecModules, maxBytes: number) {
    this.#modules = modules;
    this.#maximumPages = Math.min(Math.floor(maxBytes / PAGE), 65_536);
  }

  get maxBytes(): number {
    return this.#maximumPages * PAGE;
  }

  /** Bytes held, whether or not an image uses them. */
  memoryBytes(): number {
    return this.#memory?.buffer.byteLength ?? 0;
  }

  /** Bytes that the last image used. */
  get usedBytes(): number {
    return this.#used;
  }

  /** Drops the memory; the next image starts with a small one. */
  drop(): void {
    this.#memory = undefined;
    this.#used = 0;
  }

  /** The codec's compiled module, for `run`. */
  async load(name: CodecName): Promise<Codec> {
    return { name, module: await this.#modules[name]() };
  }

  /**
   * Decodes one image: `work` has the memory to itself until it returns. It must not return a view of it.
   * @param bytes memory for the image, reserved first so that views stay valid
   * @param codec the codec of the format, if it has one
   */
  run<T>(bytes: number, codec: Codec | undefined, work: (workspace: Workspace) => T): T {
    const memory = this.#zeroed(Math.ceil(bytes / PAGE), codec);
    const workspace = new Workspace(memory, codec?.module);
    try {
      return work(workspace);
    } finally {
      this.#used = Math.min(workspace.endBytes(), memory.buffer.byteLength);
    }
  }

  #zeroed(pages: number, codec: Codec | undefined): WebAssembly.Memory {
    const initial = Math.max(pages, codec ? CODEC_BYTES[codec.name] / PAGE : 1);
    if (initial > this.#maximumPages) throw outOfMemory();
    this.#memory ??= new WebAssembly.Memory({ initial, maximum: this.#maximumPages });
    const memory = this.#memory;
    new Uint8Array(memory.buffer, 0, this.#used).fill(0);
    this.#used = 0;
    const missing = initial - memory.buffer.byteLength / PAGE;
    if (missing > 0) grow(memory, missing);
    return memory;
  }
}

function grow(memory: WebAssembly.Memory, pages: number): void {
  try {
    memory.grow(pages);
  } catch {
    throw outOfMemory(); // the host has no more, although the maximum allows it
  }
}

/** The memory during the decoding of one image, with an instance of the format's codec, if it has one. */
export class Workspace implements CodecInstance {
  readonly #memory: WebAssembly.Memory;
  readonly #exports: CodecExports | undefined;
  /** Without a codec: address of the next buffer. */
  #end = 0;

  /** @param module the codec's */
  constructor(memory: WebAssembly.Memory, module: WebAssembly.Module | undefined) {
    this.#memory = memory;
    if (!module) return;
    const instance = new WebAssembly.Instance(module, codecImports(memory));
    this.#exports = instance.exports as unknown as CodecExports;
  }

  /**
   * Calls a function of the codec. Throws `broken_image` when the codec cannot read the file, and
   * `image_too_large` when it needs more memory than the arena has.
   */
  call(name: string, ...args: number[]): number {
    try {
      return this.#codec()[name]!(...args);
    } catch (error) {
      if (error instanceof CodecFailure) throw error.toHebbError();
      if (error instanceof WebAssembly.RuntimeError) {
        throw broken('its codec cannot read it', error);
      }
      throw error;
    }
  }

  /** Address of `bytes` new bytes. */
  allocate(bytes: number): number {
    if (this.#exports) return this.call('allocate', bytes);
    const pointer = this.#end;
    const end = pointer + Math.ceil(bytes / 16) * 16;
    if (end > this.#memory.buffer.byteLength) throw outOfMemory();
    this.#end = end;
    return pointer;
  }

  /** A new zeroed buffer. Views stay valid while no codec allocates more than was reserved. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    return this.view(this.allocate(length), length).fill(0); // a codec may have used them before
  }

  view(pointer: number, bytes: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#memory.buffer, pointer, bytes);
  }

  /** Copies the parts in, one after another; returns their address. */
  copyIn(...parts: readonly Uint8Array[]): number {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const pointer = this.allocate(length);
    let at = pointer;
    for (const part of parts) {
      this.view(at, part.length).set(part);
      at += part.length;
    }
    return pointer;
  }

  u32(pointer: number): number {
    return new DataView(this.#memory.buffer).getUint32(pointer, true);
  }

  /** A C string. */
  text(pointer: number): string {
    return codecText(this.#memory, pointer);
  }

  /** End of the memory in use. */
  endBytes(): number {
    return this.#exports ? this.#codec().heap_end!() : this.#end;
  }

  #codec(): CodecExports {
    if (!this.#exports) throw new Error('This format has no codec.');
    return this.#exports;
  }
}
