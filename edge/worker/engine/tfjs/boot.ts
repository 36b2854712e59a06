/**
 * Boots @tensorflow/tfjs-backend-wasm where WebAssembly cannot be compiled from bytes.
 *
 * The package fetches its .wasm file by URL and calls `WebAssembly.instantiate(bytes)`. workerd
 * forbids that: code is compiled at deployment, and an imported .wasm file is a
 * `WebAssembly.Module`. So this file replaces the package's own start-up (`init` in
 * dist/backend_wasm.js): the Emscripten factory's `instantiateWasm` hook instantiates the given
 * module, and nothing global is patched. tfjs-core takes workerd for a browser's worker, and
 * Emscripten detects no known environment. Both work as long as `process.versions.node` is
 * undefined, hence the compatibility date in wrangler.toml.
 * @module
 */
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import createModule from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js';
import * as tf from '@tensorflow/tfjs-core';

/** The parts used here of the module that the Emscripten factory returns. */
export interface EmscriptenModule {
  /** The whole heap; a new view after it has grown. */
  readonly HEAPU8: Uint8Array<ArrayBuffer>;
  _malloc(bytes: number): number;
  _free(address: number): void;
  cwrap(name: string, returns: 'number' | null, parameters: 'number'[]): unknown;
  /** Functions that BackendWasm calls; the package's own `init` would set them. */
  tfjs?: Record<string, unknown>;
}

export interface TfjsRuntime {
  readonly tf: typeof tf;
  readonly backend: BackendWasm;
  readonly wasm: EmscriptenModule;
  /** Ends the backend and frees its memory. No tensor may be used afterwards. */
  shutDown(): void;
}

/**
 * Starts the wasm backend and makes it tfjs's current one. An isolate has one at a time: shut it down
 * before starting the next.
 * @param binary the compiled tfjs-backend-wasm-simd.wasm
 */
export async function bootTfjs(binary: WebAssembly.Module): Promise<TfjsRuntime> {
  const wasm = (await createModule({
    instantiateWasm(
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
    ) {
      const instance = new WebAssembly.Instance(binary, imports);
      done(instance, binary);
      return instance.exports;
    },
  })) as unknown as EmscriptenModule;
  wasm.tfjs = bridge(wasm);
  const backend = new IsolateBackend(wasm as never);
  if (tf.findBackendFactory('wasm')) tf.removeBackend('wasm'); // the package's own, which would fetch
  tf.registerBackend('wasm', () => backend);
  await tf.setBackend('wasm');
  return { tf, backend, wasm, shutDown: () => shutDown(backend) };
}

/** The heap is freed as a whole, so C++ need not free its tensors one by one (its count is inexact). */
class IsolateBackend extends BackendWasm {
  override dispose(): void {}
}

function bridge(wasm: EmscriptenModule): Record<string, unknown> {
  const bind = (name: string, returns: 'number' | null, parameters: number) =>
    wasm.cwrap(name, returns, new Array<'number'>(parameters).fill('number'));
  return {
    init: bind('init', null, 0),
    initWithThreadsCount: bind('init_with_threads_count', null, 1),
    getThreadsCount: bind('get_threads_count', 'number', 0),
    registerTensor: bind('register_tensor', null, 3),
    disposeData: bind('dispose_data', null, 1),
    dispose: bind('dispose', null, 0),
  };
}

/**
 * Each kernel's module keeps the C function that it calls in a variable, and so keeps the whole heap
 * alive. Setting the kernels up again with empty functions is the only way to free it.
 */
function shutDown(backend: BackendWasm): void {
  if (tf.findBackend('wasm') !== backend) return; // it was replaced already
  tf.removeBackend('wasm');
  const nothing = { wasm: { cwrap: () => () => {} } } as unknown as BackendWasm;
  for (const kernel of tf.getKernelsForBackend('wasm')) kernel.setupFunc?.(nothing);
}
