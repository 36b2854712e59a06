/**
 * Layers as nodes of our own ops (gpu-tier/tensorflow/kernels), where TensorFlow's ops are slow.
 * @module
 */
import {
  type ConvLayer,
  type LrnLayer,
  layerParameters,
  type Tensors,
  tensorOf,
} from '@hebb/model';
import { attr, type GraphBuilder, type Value } from './graph-builder.ts';
import type { AddLayer } from './layers.ts';
import type { DataType } from './proto/messages.ts';

/** Limits of gpu-tier/tensorflow/kernels/lrn.h. */
const MOST_LRN_CHANNELS = 1024;
const MOST_LRN_RADIUS = 8;

/** True if the kernels can read these channels in whole vectors. */
export const isWhole = (channels: number): boolean => channels % 16 === 0;

/**
 * Adds LRN in one pass, and 3×3 convolutions by Winograd's algorithm; returns undefined for other layers.
 * @param weights with batch norm folded
 */
export const ownKernels =
  (weights: Tensors): AddLayer =>
  (g, layer, [x]) => {
    if (layer.kind === 'lrn' && fitsLrn(layer)) return lrn(g, layer, x!);
    if (layer.kind !== 'conv' || !fitsWinograd(layer) || !paysIn(x!.dtype, layer)) return undefined;
    return winograd(g, layer, x!, weights);
  };

/** A trainable convolution and its gradients by Winograd's algorithm. */
export interface OwnConvolution {
  forward(g: GraphBuilder, name: string, x: Value): Value;
  /** The gradient of the input from the gradient of the output. */
  backward(g: GraphBuilder, name: string, dy: Value): Value;
  /** The gradient of the kernel from the gradient of the output, in the type of x. */
  filter(g: GraphBuilder, name: string, x: Value, dy: Value): Value;
}

/** The 3×3 convolution for training; undefined for layers where it does not apply or is not faster. */
export function trainedConvolution(
  layer: ConvLayer,
  kernel: Value,
  dtype: DataType,
): OwnConvolution | undefined {
  const { size, stride, inputShape, shape } = layer;
  const fits = size === 3 && stride === 1 && isWhole(inputShape[2]) && isWhole(shape[2]);
  return fits && paysInTraining(dtype, layer) ? ownConvolution(kernel, dtype) : undefined;
}

/**
 * Computes in float32, also for bfloat16 activations.
 * @param kernel float32 [3, 3, inputs, outputs]
 * @param dtype of the activations
 */
export function ownConvolution(kernel: Value, dtype: DataType): OwnConvolution {
  const add = (type: string) => (g: GraphBuilder, name: string, x: Value, other: Value) =>
    g.add(type, name, { inputs: [x, other], attrs: { T: attr.type(dtype) }, dtype });
  const [forward, backward] = [add('HebbWinogradForward'), add('HebbWinogradBackward')];
  return {
    forward: (g, name, x) => forward(g, name, x, kernel),
    backward: (g, name, dy) => backward(g, name, dy, kernel),
    filter: add('HebbWinogradFilter'),
  };
}

function fitsLrn({ beta, size, shape: [, , channels] }: LrnLayer): boolean {
  const small = channels <= MOST_LRN_CHANNELS && (size - 1) / 2 <= MOST_LRN_RADIUS;
  return beta === 0.75 && small && isWhole(channels);
}

function fitsWinograd({ size, stride, batchNorm, inputShape, shape }: ConvLayer): boolean {
  return size === 3 && stride === 1 && !batchNorm && isWhole(inputShape[2]) && isWhole(shape[2]);
}

/**
 * oneDNN multiplies bfloat16 twice as fast as float32. So Winograd, which computes in float32, is faster only if its
 * transforms take little time beside the products, and no part of its 4×4 tiles is wasted: in conv2 and
 * inception3b (measured).
 */
const paysIn = (dtype: DataType, { shape: [height, , outputs] }: ConvLayer): boolean =>
  dtype === 'float32' || (height >= 28 && outputs >= 192);

/**
 * The same for training, where oneDNN's gradients are slower relative to the hardware. With 7×7 pixels or fewer,
 * too much of the tiles is wasted in float32 as well. Measured on a CPU with AVX512-BF16, without AMX.
 */
const paysInTraining = (dtype: DataType, { shape: [height] }: ConvLayer): boolean =>
  dtype === 'float32' ? height >= 8 : height >= 16 && height % 4 === 0;

function lrn(g: GraphBuilder, { name, size, bias, alpha }: LrnLayer, x: Value): Value {
  const attrs = {
    T: attr.type(x.dtype),
    radius: attr.int((size - 1) / 2),
    bias: attr.float(bias),
    share: attr.float(alpha / size),
  };
  return g.add('HebbLrn', name, { inputs: [x], attrs, dtype: x.dtype });
}

/** Computes in float32, also for bfloat16 `x`: only input and output are bfloat16. */
function winograd(g: GraphBuilder, layer: ConvLayer, x: Value, weights: Tensors): Value {
  const [kernel, bias] = layerParameters(layer).map(({ name, shape }) =>
    attr.tensor('float32', shape, tensorOf(weights, name, 'F32', shape).data),
  );
  const attrs = { T: attr.type(x.dtype), kernel: kernel!, bias: bias! };
  return g.add('HebbWinograd', layer.name, { inputs: [x], attrs, dtype: x.dtype });
}
