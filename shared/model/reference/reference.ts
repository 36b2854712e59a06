import type * as Tfjs from '@tensorflow/tfjs-core';
import type { Network } from '../network/googlenet.ts';
import { layerParameters } from '../network/parameters.ts';
import { type Tensors, tensorOf } from '../package/safetensors.ts';
import type { Tf } from './compute.ts';
import { type ForwardOptions, type ForwardResult, forward } from './forward.ts';

/** The reference with its weights on the backend, for many calls. */
export interface Reference {
  readonly network: Network;
  /**
   * Probabilities, float32 [n · classes], of n images: normalised float32 NHWC [n, s, s, 3]
   * (see `normalise`). Reads the result synchronously.
   */
  classify(input: Float32Array, options?: ForwardOptions): Float32Array;
  /** All outputs, as tensors that the caller disposes. */
  forward(input: Tfjs.Tensor4D, options?: ForwardOptions): ForwardResult;
  /** Frees the weights. */
  dispose(): void;
}

/**
 * Uploads the weights of `network` to the backend of `tf`. Throws `invalid_package`
 * if a tensor is missing or does not have its layer's shape.
 */
export function createReference(tf: Tf, network: Network, weights: Tensors): Reference {
  const parameters = network.layers.flatMap(layerParameters);
  const uploaded = new Map<string, Tfjs.Tensor>();
  try {
    for (const { name, shape } of parameters) {
      const { data } = tensorOf(weights, name, 'F32', shape);
      uploaded.set(name, tf.keep(tf.tensor(data, [...shape], 'float32')));
    }
  } catch (error) {
    tf.dispose([...uploaded.values()]);
    throw error;
  }
  const { inputSize } = network.spec;
  return {
    network,
    classify(input, options) {
      const probabilities = tf.tidy(() => {
        const n = input.length / (inputSize * inputSize * 3);
        const images = tf.tensor4d(input, [n, inputSize, inputSize, 3], 'float32');
        return forward(tf, network, uploaded, images, options).probabilities;
      });
      const data = probabilities.dataSync<'float32'>();
      probabilities.dispose();
      return data;
    },
    forward: (input, options) => forward(tf, network, uploaded, input, options),
    dispose: () => tf.dispose([...uploaded.values()]),
  };
}
