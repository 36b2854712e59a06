/**
 * The edge's second engine: the package's float32 weights on @tensorflow/tfjs-backend-wasm. It gives
 * full precision and a check of the int8 engine. Loaded on first use.
 * @module
 */

import type { Engine } from '@hebb/engine';
import { googlenet } from '@hebb/model/network/googlenet';
import type { Manifest } from '@hebb/model/package/manifest';
import type { Tensor } from '@hebb/model/package/safetensors';
import { normalise } from '@hebb/model/preprocess/normalise';
import { forward } from '@hebb/model/reference/forward';
import type * as Tfjs from '@tensorflow/tfjs-core';
import { bootTfjs, type TfjsRuntime } from './boot.ts';
import { packWeights } from './packed-weights.ts';

export interface TfjsEngine extends Engine {
  readonly name: 'tfjs';
  /** Frees the heap. The engine cannot be used afterwards. */
  dispose(): void;
}

/**
 * Starts tfjs and packs the weights as they arrive, so that they are never in memory twice.
 * @param binary the compiled tfjs-backend-wasm-simd.wasm
 * @param tensors float32 tensors of the package in any order, each in a buffer of its own, which is
 *   detached
 * @throws `invalid_package` when a tensor is missing or has another shape
 */
export async function loadTfjsEngine(
  binary: WebAssembly.Module,
  manifest: Pick<Manifest, 'network' | 'preprocessing'>,
  tensors: AsyncIterable<readonly [string, Tensor]>,
): Promise<TfjsEngine> {
  const network = googlenet(manifest.network);
  const { inputSize, classes } = network.spec;
  const runtime = await bootTfjs(binary);
  try {
    const weights = await packWeights(runtime, network, tensors);
    const input = new Float32Array(inputSize * inputSize * 3);
    return {
      name: 'tfjs',
      inputSize,
      classes,
      classify(pixels) {
        normalise(pixels, manifest.preprocessing, input);
        return run(runtime, () => {
          const images = runtime.tf.tensor4d(input, [1, inputSize, inputSize, 3]);
          return forward(runtime.tf, network, weights, images).probabilities;
        });
      },
      memoryBytes: () => runtime.wasm.HEAPU8.byteLength + input.byteLength,
      dispose: () => runtime.shutDown(),
    };
  } catch (error) {
    runtime.shutDown();
    throw error;
  }
}

/** Computes one tensor, copies its values, and disposes of everything else. */
function run({ tf }: TfjsRuntime, compute: () => Tfjs.Tensor): Float32Array {
  const result = tf.tidy(compute);
  const values = result.dataSync<'float32'>();
  result.dispose();
  return values;
}
