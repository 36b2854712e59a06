/**
 * Reference gradients of a training step: tfjs ops and their automatic gradients, on tfjs's slow CPU
 * backend (the wasm backend lacks the gradient of a convolution's filter).
 * @module
 */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import {
  AUXILIARY_LOSS_WEIGHT,
  BATCH_NORM_EPSILON,
  type ConvLayer,
  compute,
  type Layer,
  layerParameters,
  type Network,
} from '@hebb/model';

export interface ReferenceStep {
  readonly network: Network;
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Normalised float32 [n, s, s, 3]. */
  readonly images: Float32Array;
  /** float32 [n · classes]. */
  readonly labels: Float32Array;
  readonly n: number;
  /** The graph's dropout masks, by layer. */
  readonly masks: ReadonlyMap<string, Float32Array>;
}

/** Loss and the gradient of every trainable parameter. */
export async function referenceGradients(step: ReferenceStep) {
  await tf.setBackend('cpu');
  const parameters = step.network.layers.flatMap(layerParameters);
  const variables = new Map(
    parameters.map(({ name, shape, trainable }) => [
      name,
      tf.variable(tf.tensor(step.weights.get(name)!, [...shape]), trainable, `ref/${name}`),
    ]),
  );
  const trained = parameters.filter(({ trainable }) => trainable);
  const { value, grads } = tf.variableGrads(
    () => loss(step, variables),
    trained.map(({ name }) => variables.get(name)!),
  );
  const result = {
    loss: value.dataSync<'float32'>()[0]!,
    gradients: new Map(
      trained.map(({ name }) => [name, grads[`ref/${name}`]!.dataSync<'float32'>()]),
    ),
  };
  for (const variable of variables.values()) variable.dispose();
  return result;
}

function loss(step: ReferenceStep, variables: ReadonlyMap<string, tf.Tensor>): tf.Scalar {
  const { network, n } = step;
  const size = network.spec.inputSize;
  const labels = tf.tensor2d(step.labels, [n, network.spec.classes]);
  const outputs = new Map<string, tf.Tensor>();
  for (const layer of network.layers) {
    const inputs = layer.inputs.map((name) => outputs.get(name)!);
    const first = inputs[0] ?? tf.tensor4d(step.images, [n, size, size, 3]);
    outputs.set(layer.name, trainingLayer(layer, first, inputs, variables, step));
  }
  const crossEntropy = (logits: string): tf.Tensor => {
    const flat = tf.reshape(outputs.get(logits)!, [n, -1]);
    return tf.neg(tf.mean(tf.sum(tf.mul(labels, tf.logSoftmax(flat)), 1)));
  };
  let total = crossEntropy('linear');
  for (const head of ['aux1', 'aux2']) {
    if (!outputs.has(`${head}/linear`)) continue;
    total = tf.add(total, tf.mul(crossEntropy(`${head}/linear`), AUXILIARY_LOSS_WEIGHT));
  }
  return total as tf.Scalar;
}

function trainingLayer(
  layer: Layer,
  x: tf.Tensor,
  inputs: readonly tf.Tensor[],
  variables: ReadonlyMap<string, tf.Tensor>,
  { masks }: ReferenceStep,
): tf.Tensor {
  if (layer.kind === 'dropout') {
    return tf.mul(x, tf.tensor(masks.get(layer.name)!, x.shape));
  }
  if (layer.kind === 'conv' && layer.batchNorm) return batchNormConv(layer, x, variables);
  return compute(tf, layer, x as tf.Tensor4D, [...inputs] as tf.Tensor4D[], variables);
}

/** Ioffe & Szegedy 2015, algorithm 1, over batch, height and width. */
function batchNormConv(
  { name, stride, pad }: ConvLayer,
  x: tf.Tensor,
  variables: ReadonlyMap<string, tf.Tensor>,
): tf.Tensor {
  const get = (part: string) => variables.get(`${name}/${part}`)!;
  const y = tf.conv2d(x as tf.Tensor4D, get('kernel') as tf.Tensor4D, stride, pad);
  const { mean, variance } = tf.moments(y, [0, 1, 2]);
  const normal = tf.mul(tf.sub(y, mean), tf.rsqrt(tf.add(variance, BATCH_NORM_EPSILON)));
  return tf.relu(tf.add(tf.mul(normal, get('gamma')), get('beta')));
}
