import { HebbError } from '../model/errors.ts';

/** WebAssembly's page, bytes. */
const PAGE = 65_536;

/** Memory that the codecs declare, pages: what lies there at the start, and libavif's first heap. */
const INITIAL_PAGES = { jpeg: 2, webp: 2, avif: 256 } as const satisfies Record<CodecName, number>;

/** Compiled modules, each loaded when it is first wanted. In workerd they are imported files. */
export interface CodecModules {
  readonly jpeg: () => Promise<WebAssembly.Module>;
  readonly webp: () => Promise<WebAssembly.Module>;
  readonly avif: () => Promise<WebAssembly.Module>;
}

export type CodecName = keyof CodecModules;

/**
 * The codecs of an isolate and the one memory that they share.
 *
 * A codec instance lives for one image: after an error its state is unknown, and C code is not
 * trusted to leave no trace. But workerd gives the memory of dropped instances back late or never
 * (40 instances of 50 MB: 2 GB), so the memory is ours: every instance imports it, finds it zeroed,
 * and leaves it behind (scripts/build-codecs.ts makes the modules so). It grows to what the largest
 * image needed and stays so until `drop`. Decoding must be synchronous: images take turns.
 */
export class CodecPool {
  readonly #modules: CodecModules;
  readonly #maximumPages: number;
  #memory: WebAssembly.Memory | undefined;

  /** @param maxBytes most that the memory may come to */
  constructor(modules: CodecModules, maxBytes = 64_000_000) {
    this.#modules = modules;
    this.#maximumPages = Math.floor(maxBytes / PAGE);
  }

  /** Compiles or fetches the codec's module, before `instantiate`. */
  async module(name: CodecName): Promise<WebAssembly.Module> {
    return await this.#modules[name]();
  }

  /** A fresh instance on the shared memory, which any earlier instance has thereby lost. */
  instantiate(
    name: CodecName,
    module: WebAssembly.Module,
    imports: WebAssembly.Imports,
  ): { readonly instance: WebAssembly.Instance; readonly memory: WebAssembly.Memory } {
    const memory = this.#zeroed(INITIAL_PAGES[name]);
    const env = { ...imports.env, memory };
    return { instance: new WebAssembly.Instance(module, { ...imports, env }), memory };
  }

  /** Bytes of WebAssembly memory held, whether or not a codec runs. */
  memoryBytes(): number {
    return this.#memory?.buffer.byteLength ?? 0;
  }

  /** Lets go of the memory; the next image begins with a small one. */
  drop(): void {
    this.#memory = undefined;
  }

  #zeroed(pages: number): WebAssembly.Memory {
    if (pages > this.#maximumPages) {
      throw new HebbError('image_too_large', 'There is no memory for this codec.');
    }
    this.#memory ??= new WebAssembly.Memory({ initial: pages, maximum: this.#maximumPages });
    const memory = this.#memory;
    new Uint8Array(memory.buffer).fill(0);
    const missing = pages - memory.buffer.byteLength / PAGE;
    if (missing > 0) memory.grow(missing);
    return memory;
  }
}
