/**
 * Loads the engines in the Worker: imports their WebAssembly modules and passes them in.
 * @module
 */

import { checkEngineFits, type Engine, loadEngine, supportsRelaxedSimd } from '@hebb/engine';
import relaxedModule from '@hebb/engine/kernels/dist/relaxed.wasm';
import simd128Module from '@hebb/engine/kernels/dist/simd128.wasm';
import { type Manifest, PACKAGE_FILES } from '@hebb/model/package/manifest';
import type { Tensor } from '@hebb/model/package/safetensors';
import tfjsModule from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm';
import type { TfjsEngine } from './tfjs/index.ts';

export interface EngineLoaders {
  /** @throws `model_too_large` when an isolate has no room for the int8 engine of this model */
  checkInt8(manifest: Manifest): void;
  /** @param weights the bytes of weights.int8.safetensors; not kept */
  int8(manifest: Manifest, weights: Uint8Array<ArrayBuffer>): Engine;
  /** @param tensors float32, in any order */
  tfjs(manifest: Manifest, tensors: AsyncIterable<readonly [string, Tensor]>): Promise<TfjsEngine>;
}

const kernels = () => (supportsRelaxedSimd() ? relaxedModule : simd128Module);

export const engineLoaders: EngineLoaders = {
  checkInt8({ network, files }) {
    checkEngineFits(kernels(), network, files[PACKAGE_FILES.int8]);
  },

  int8({ network }, weights) {
    return loadEngine(kernels(), network, weights, { lean: true }); // an isolate has 128 MB, see limits.ts
  },

  async tfjs(manifest, tensors) {
    const { loadTfjsEngine } = await import('./tfjs/index.ts'); // 300 KB of code that most isolates never need
    return await loadTfjsEngine(tfjsModule, manifest, tensors);
  },
};
