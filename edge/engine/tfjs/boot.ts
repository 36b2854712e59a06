/**
 * Boots @tensorflow/tfjs-backend-wasm where wasm may not be compiled from bytes.
 *
 * The package fetches its .wasm file by URL and calls `WebAssembly.instantiate(bytes)`. workerd
 * refuses that: code is compiled at deployment, and an imported .wasm file is a
 * `WebAssembly.Module`. So the package's own start-up (`init` in dist/backend_wasm.js) is done
 * here instead, with the module handed in: the Emscripten factory's `instantiateWasm` hook makes
 * the instance, and nothing global is patched. tfjs-core takes workerd for a browser's worker, and
 * Emscripten for no known environment, which suits both, as long as there is no
 * `process.versions.node`: hence the compatibility date in wrangler.toml.
 * @module
 */
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import createModule from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js';
import * as tf from '@tensorflow/tfjs-core';

/** What is used here of the module that the Emscripten factory makes. */
export interface EmscriptenModule {
  /** The whole heap; a new view after it has grown. */
  readonly HEAPU8: Uint8Array<ArrayBuffer>;
  _malloc(bytes: number): number;
  _free(address: number): void;
  cwrap(name: string, returns: 'number' | null, parameters: 'number'[]): unknown;
  /** Functions that BackendWasm calls; the package's `init` puts them there. */
  tfjs?: Record<string, unknown>;
}

export interface TfjsRuntime {
  readonly tf: typeof tf;
  readonly backend: BackendWasm;
  readonly wasm: EmscriptenModule;
  /** Ends the backend and lets go of its memory. No tensor may be used afterwards. */
  shutDown(): void;
}

/**
 * Starts the wasm backend from a compiled tfjs-backend-wasm-simd.wasm and makes it current.
 * There is one tfjs engine per isolate: shut a runtime down before the next one starts.
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
  if (tf.findBackendFactory('wasm')) tf.removeBackend('wasm'); // the one that would fetch
  tf.registerBackend('wasm', () => backend);
  await tf.setBackend('wasm');
  return { tf, backend, wasm, shutDown: () => shutDown(backend) };
}

/** The heap goes as a whole; C++ need not free what lies in it, and has no exact account of it. */
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
 * Each kernel's file keeps the C function that it calls in a variable of its own, and with it the
 * whole heap. Setting the kernels up again, on nothing, is the one way to let go of it.
 */
function shutDown(backend: BackendWasm): void {
  if (tf.findBackend('wasm') !== backend) return; // another one has taken its place
  tf.removeBackend('wasm');
  const nothing = { wasm: { cwrap: () => () => {} } } as unknown as BackendWasm;
  for (const kernel of tf.getKernelsForBackend('wasm')) kernel.setupFunc?.(nothing);
}
