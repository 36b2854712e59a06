/**
 * The full-precision reference: the network on plain tfjs ops, on any backend. Slow and clear; the
 * int8 engine and the TensorFlow graph are tested against it.
 * @module
 */
import type * as Tfjs from '@tensorflow/tfjs-core';
import { HebbError } from '../errors.ts';
import { answerLayer, embeddingLayer, type Network } from '../network/googlenet.ts';
import type { Layer } from '../network/layer.ts';
import { compute, type Tf, type TfWeights } from './compute.ts';

/** The outputs of a classifier (a type alias: `tf.tidy` needs an index signature). */
export type Classifier = {
  /** Before softmax, float32 [n, classes]. */
  readonly logits: Tfjs.Tensor2D;
  /** Float32 [n, classes]; after softmax each row sums to 1. */
  readonly probabilities: Tfjs.Tensor2D;
};

export type ForwardResult = Classifier & {
  /** Globally averaged features of inception5b, float32 [n, 1024]. */
  readonly embedding: Tfjs.Tensor2D;
  /** The auxiliary classifiers aux1 and aux2; empty when the network was built without them. */
  readonly auxiliary: Classifier[];
};

export interface ForwardOptions {
  /**
   * Called with each layer's output (after ReLU if there is one): float32
   * [n, h, w, c], for linear layers and the answer [n, units]. The tensor is disposed soon after; `tf.keep` a
   * clone to use it later.
   */
  readonly onLayer?: (layer: Layer, output: Tfjs.Tensor) => void;
}

/**
 * Runs the network at inference (dropout does nothing, batch norm uses its running statistics).
 * `input` is normalised float32 NHWC [n, s, s, 3]. The caller disposes the result.
 */
export function forward(
  tf: Tf,
  network: Network,
  weights: TfWeights,
  input: Tfjs.Tensor4D,
  options: ForwardOptions = {},
): ForwardResult {
  const { inputSize } = network.spec;
  const [, height, width, channels] = input.shape;
  if (height !== inputSize || width !== inputSize || channels !== 3) {
    const expected = `[n, ${inputSize}, ${inputSize}, 3]`;
    throw new HebbError('invalid_argument', `The input is [${input.shape}], expected ${expected}.`);
  }
  const embedding = embeddingLayer(network.spec);
  return tf.tidy(() => {
    const live = new Map<string, Tfjs.Tensor>();
    const last = lastReaders(network);
    for (const layer of network.layers) {
      const inputs = layer.inputs.map((name) => live.get(name)!);
      const output = tf.tidy(() => compute(tf, layer, inputs[0] ?? input, inputs, weights));
      live.set(layer.name, output);
      if (options.onLayer) tf.tidy(() => options.onLayer?.(layer, output));
      // Disposed as early as possible: wasm memory never shrinks, so its peak counts.
      for (const name of layer.inputs) {
        if (last.get(name) === layer && name !== embedding && !isLogits(name))
          live.get(name)?.dispose();
      }
    }
    const flat = (name: string) => {
      const tensor = live.get(name)!;
      return tf.reshape(tensor, [tensor.shape[0]!, -1]) as Tfjs.Tensor2D;
    };
    const answer = answerLayer(network.spec);
    const classifier = (prefix: string): Classifier => ({
      logits: flat(`${prefix}linear`),
      probabilities: flat(`${prefix}${answer}`),
    });
    const auxiliary = ['aux1/', 'aux2/'].filter((prefix) => live.has(`${prefix}${answer}`));
    return {
      ...classifier(''),
      embedding: flat(embedding),
      auxiliary: auxiliary.map(classifier),
    };
  });
}

/** Logits, or the probabilities made of them. */
const isLogits = (name: string) => /(^|\/)(linear|softmax|sigmoid)$/.test(name);

/** The last layer that reads each layer's output. */
function lastReaders(network: Network): ReadonlyMap<string, Layer> {
  return new Map(network.layers.flatMap((layer) => layer.inputs.map((name) => [name, layer])));
}
