/**
 * The network's layers as ONNX nodes (https://onnx.ai/onnx/operators/), NCHW.
 * @module
 */
import {
  type ConvLayer,
  type Layer,
  type LinearLayer,
  type LrnLayer,
  layerParameters,
  type MaxPoolLayer,
  poolPadAfter,
  type Tensors,
  tensorOf,
} from '@hebb/model';
import { float, int, ints, type OnnxBuilder } from './onnx-builder.ts';

/** Adds one layer of a network without batch norm and returns the name of its output. */
export function addOnnxLayer(
  b: OnnxBuilder,
  layer: Layer,
  name: string,
  inputs: readonly string[],
  weights: Tensors,
): string {
  const x = inputs[0]!;
  switch (layer.kind) {
    case 'conv':
      return conv(b, layer, name, x, weights);
    case 'maxPool':
      return b.add('MaxPool', name, [x], [...window(layer), ints('pads', poolPads(layer))]);
    case 'averagePool':
      return b.add('AveragePool', name, [x], window(layer));
    case 'globalAveragePool': // [n, c, 1, 1] to [n, c]
      return b.add('Flatten', name, [b.add('GlobalAveragePool', `${name}/average`, [x])]);
    case 'lrn':
      return b.add('LRN', name, [x], lrnAttributes(layer));
    case 'concat':
      return b.add('Concat', name, inputs, [int('axis', 1)]);
    case 'linear':
      return linear(b, layer, name, x, weights);
    case 'softmax':
      return b.add('Softmax', name, [x], [int('axis', 1)]);
    case 'sigmoid':
      return b.add('Sigmoid', name, [x]);
    case 'input':
    case 'dropout':
      return x;
  }
}

function conv(b: OnnxBuilder, layer: ConvLayer, name: string, x: string, weights: Tensors): string {
  const { pad } = layer;
  const [kernelName, biasName] = [`${layer.name}/kernel`, `${layer.name}/bias`];
  const kernel = tensorOf(weights, kernelName, 'F32', layerParameters(layer)[0]!.shape);
  const [height, width, inputs, outputs] = kernel.shape as [number, number, number, number];
  const oihw = transposeToFront(transposeToFront(kernel.data, outputs), inputs, outputs);
  const bias = tensorOf(weights, biasName, 'F32', [outputs]);
  const y = b.add(
    'Conv',
    `${name}/conv`,
    [
      x,
      b.tensor(kernelName, [outputs, inputs, height, width], oihw),
      b.tensor(biasName, [outputs], bias.data),
    ],
    [...window(layer), ints('pads', [pad, pad, pad, pad])],
  );
  return b.add('Relu', name, [y]);
}

/** Moves the last axis, of `length`, to the front of each of `groups` equal parts. */
function transposeToFront(data: Float32Array, length: number, groups = 1): Float32Array {
  const part = data.length / groups;
  const rows = part / length;
  const moved = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const [group, at] = [Math.floor(i / part), i % part];
    moved[group * part + (at % length) * rows + Math.floor(at / length)] = data[i]!;
  }
  return moved;
}

const window = ({ size, stride }: { readonly size: number; readonly stride: number }) => [
  ints('kernel_shape', [size, size]),
  ints('strides', [stride, stride]),
];

/**
 * Expresses rounding up as padding at the end, as the ONNX Model Zoo does: more runtimes agree on that than on
 * `ceil_mode`. Order: top, left, bottom, right.
 */
function poolPads(layer: MaxPoolLayer): number[] {
  const after = ([0, 1] as const).map((axis) => poolPadAfter(layer, axis));
  return [layer.pad, layer.pad, ...after];
}

const lrnAttributes = ({ size, alpha, beta, bias }: LrnLayer) => [
  int('size', size),
  float('alpha', alpha),
  float('beta', beta),
  float('bias', bias),
];

/** For inputs [n, in]. The auxiliary heads, which read feature maps, are not exported. */
function linear(
  b: OnnxBuilder,
  layer: LinearLayer,
  name: string,
  x: string,
  weights: Tensors,
): string {
  const [kernelName, biasName] = [`${layer.name}/kernel`, `${layer.name}/bias`];
  const kernel = tensorOf(weights, kernelName, 'F32', layerParameters(layer)[0]!.shape);
  const [inputs, outputs] = kernel.shape as [number, number];
  const transposed = transposeToFront(kernel.data, outputs);
  const bias = tensorOf(weights, biasName, 'F32', [outputs]);
  return b.add(
    'Gemm',
    name,
    [
      x,
      b.tensor(kernelName, [outputs, inputs], transposed),
      b.tensor(biasName, [outputs], bias.data),
    ],
    [int('transB', 1)],
  );
}
