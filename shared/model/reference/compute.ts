import type * as Tfjs from '@tensorflow/tfjs-core';
import { HebbError } from '../errors.ts';
import type { ConvLayer, Layer, LinearLayer, LrnLayer, MaxPoolLayer } from '../network/layer.ts';
import { poolPadAfter } from '../network/layer.ts';
import { BATCH_NORM_EPSILON } from '../network/parameters.ts';

/** The tfjs module (`import * as tf`), passed in so that the caller chooses the backend. */
export type Tf = typeof Tfjs;

/** Weights on the backend, by the names of `layerParameters`. */
export type TfWeights = ReadonlyMap<string, Tfjs.Tensor>;

/**
 * One layer on tfjs ops. `x` is its first (for most its only) input, float32 [n, h, w, c];
 * `inputs` are all of them. Always returns a new tensor.
 */
export function compute(
  tf: Tf,
  layer: Layer,
  x: Tfjs.Tensor,
  inputs: readonly Tfjs.Tensor[],
  weights: TfWeights,
): Tfjs.Tensor {
  switch (layer.kind) {
    case 'conv':
      return conv(tf, layer, x as Tfjs.Tensor4D, weights);
    case 'maxPool':
      return maxPool(tf, layer, x as Tfjs.Tensor4D);
    case 'averagePool':
      return tf.avgPool(x as Tfjs.Tensor4D, layer.size, layer.stride, 'valid');
    case 'globalAveragePool':
      return tf.mean(x, [1, 2], true);
    case 'lrn':
      return lrn(tf, layer, x as Tfjs.Tensor4D);
    case 'concat':
      return tf.concat([...inputs], 3);
    case 'linear':
      return linear(tf, layer, x, weights);
    case 'softmax':
      return tf.softmax(x);
    case 'sigmoid':
      return tf.sigmoid(x);
    case 'input':
    case 'dropout':
      return x.clone();
  }
}

function conv(tf: Tf, layer: ConvLayer, x: Tfjs.Tensor4D, weights: TfWeights): Tfjs.Tensor {
  const get = (name: string) => weightOf(weights, `${layer.name}/${name}`);
  const { pad, stride } = layer;
  const sides: [number, number] = [pad, pad];
  const common = {
    x,
    filter: get('kernel') as Tfjs.Tensor4D,
    strides: stride,
    // "same" would pad conv1 (7×7, stride 2) by 2 before and 3 after; the network pads by 3 and 3.
    pad: [[0, 0], sides, sides, [0, 0]] as Tfjs.backend_util.ExplicitPadding,
  };
  if (!layer.batchNorm)
    return tf.fused.conv2d({ ...common, bias: get('bias'), activation: 'relu' });
  const y = tf.conv2d(common.x, common.filter, common.strides, common.pad);
  const [mean, variance, beta, gamma] = ['mean', 'variance', 'beta', 'gamma'].map(
    (name) => get(name) as Tfjs.Tensor1D,
  );
  return tf.relu(tf.batchNorm(y, mean!, variance!, beta, gamma, BATCH_NORM_EPSILON));
}

/**
 * For the windows of this network (3×3/2, 2×2/2 and 3×3/1 padded by 1), rounding the output up equals
 * "same" padding if a window overhangs the edge, and "valid" otherwise. In a maximum tfjs
 * treats padding as −∞, like Caffe and PyTorch.
 */
function maxPool(tf: Tf, layer: MaxPoolLayer, x: Tfjs.Tensor4D): Tfjs.Tensor {
  const overhangs = layer.pad > 0 || poolPadAfter(layer, 0) > 0;
  return tf.maxPool(x, layer.size, layer.stride, overhangs ? 'same' : 'valid');
}

function lrn(tf: Tf, { size, bias, alpha, beta }: LrnLayer, x: Tfjs.Tensor4D): Tfjs.Tensor {
  // tfjs sums over [c − radius, c + radius] and does not divide alpha by the window's size.
  return tf.localResponseNormalization(x, (size - 1) / 2, bias, alpha / size, beta);
}

function linear(tf: Tf, layer: LinearLayer, x: Tfjs.Tensor, weights: TfWeights): Tfjs.Tensor {
  const kernel = weightOf(weights, `${layer.name}/kernel`) as Tfjs.Tensor2D;
  const flat = tf.reshape(x, [x.shape[0]!, kernel.shape[0]]) as Tfjs.Tensor2D;
  const y = tf.add(tf.matMul(flat, kernel), weightOf(weights, `${layer.name}/bias`));
  return layer.relu ? tf.relu(y) : y;
}

function weightOf(weights: TfWeights, name: string): Tfjs.Tensor {
  const tensor = weights.get(name);
  if (!tensor) throw new HebbError('invalid_package', `There are no weights named ${name}.`);
  return tensor;
}
