/**
 * The ways in which exporters write the layers after the last feature map.
 * @module
 */
import {
  type AveragePoolLayer,
  type Layer,
  type LinearLayer,
  layerParameters,
  type Tensors,
  tensorOf,
} from '@hebb/model';
import { int, ints, type OnnxBuilder } from './onnx-builder.ts';

export interface OnnxStyle {
  /** Pooling rounds up by attribute (torchvision) or by padding after the end (the zoo). */
  readonly pool?: 'ceil' | 'pads';
  readonly average?: 'GlobalAveragePool' | 'AveragePool' | 'ReduceMean' | 'ReduceMean-18';
  readonly flatten?: 'Flatten' | 'Reshape' | 'Squeeze' | 'Shape arithmetic';
  readonly linear?: 'Gemm transB' | 'Gemm' | 'MatMul';
  readonly softmax?: boolean;
  readonly dropout?: boolean;
  readonly identity?: boolean;
  /** torchvision's transform_input. */
  readonly transformInput?: boolean;
  readonly epsilon?: number;
  /** Order of an inception module's four branches in Concat. */
  readonly branches?: readonly number[];
  /** Leaves n, height and width of the input unspecified. */
  readonly dynamic?: boolean;
  /** Outputs, by the names of our layers; by default only softmax or linear. */
  readonly outputs?: readonly string[];
  /** Weights as initializers or in Constant nodes. */
  readonly constants?: boolean;
}

export function average(b: OnnxBuilder, layer: Layer, x: string, style: OnnxStyle): string {
  const [height, width] = layer.inputShape;
  switch (style.average) {
    case 'AveragePool':
      return b.node('AveragePool', [x], [ints('kernel_shape', [height, width])]);
    case 'ReduceMean':
      return b.node('ReduceMean', [x], [ints('axes', [2, 3]), int('keepdims', 1)]);
    case 'ReduceMean-18':
      return b.node('ReduceMean', [x, b.int64s([2], [-1, -2])], [int('keepdims', 1)]);
    default:
      return b.node('GlobalAveragePool', [x]);
  }
}

export const averagePool = (
  b: OnnxBuilder,
  { size, stride }: AveragePoolLayer,
  x: string,
): string =>
  b.node(
    'AveragePool',
    [x],
    [ints('kernel_shape', [size, size]), ints('strides', [stride, stride])],
  );

export function flatten(b: OnnxBuilder, x: string, style: OnnxStyle): string {
  switch (style.flatten) {
    case 'Reshape':
      return b.node('Reshape', [x, b.int64s([2], [-1, 1024])]);
    case 'Squeeze': // axes are an attribute up to opset 12
      return b.node('Squeeze', [x], [ints('axes', [2, 3])]);
    case 'Shape arithmetic': {
      const shape = b.node('Shape', [x]);
      const n = b.node('Gather', [shape, b.int64s([], [0])], [int('axis', 0)]);
      const list = b.node('Unsqueeze', [n, b.int64s([1], [0])]);
      const target = b.node('Concat', [list, b.int64s([1], [-1])], [int('axis', 0)]);
      return b.node('Reshape', [x, target]);
    }
    default:
      return b.node('Flatten', [x], [int('axis', 1)]);
  }
}

/** Reorders kernels, since our linear layers read flattened [h, w, c] and ONNX's [c, h, w]. */
export function vectorOf(b: OnnxBuilder, layer: LinearLayer, x: string): string {
  if (!layer.relu) return x; // only the auxiliary heads' first linear layer reads a feature map
  return b.node('Flatten', [b.node('Transpose', [x], [ints('perm', [0, 2, 3, 1])])]);
}

export function linear(
  b: OnnxBuilder,
  layer: LinearLayer,
  x: string,
  weights: Tensors,
  style: OnnxStyle,
): string {
  const [kernelSpec, biasSpec] = layerParameters(layer);
  const kernel = tensorOf(weights, kernelSpec!.name, 'F32');
  const [inputs, outputs] = kernel.shape as [number, number];
  const bias = b.floats([outputs], tensorOf(weights, biasSpec!.name, 'F32').data);
  if (style.linear === 'MatMul') {
    const product = b.node('MatMul', [x, b.floats([inputs, outputs], kernel.data)]);
    return relu(b, layer, b.node('Add', [bias, product]));
  }
  if (style.linear === 'Gemm') {
    return relu(b, layer, b.node('Gemm', [x, b.floats([inputs, outputs], kernel.data), bias]));
  }
  const transposed = new Float32Array(kernel.data.length);
  for (let i = 0; i < inputs; i++) {
    for (let o = 0; o < outputs; o++) transposed[o * inputs + i] = kernel.data[i * outputs + o]!;
  }
  const weight = b.floats([outputs, inputs], transposed);
  return relu(b, layer, b.node('Gemm', [x, weight, bias], [int('transB', 1)]));
}

const relu = (b: OnnxBuilder, layer: LinearLayer, y: string): string =>
  layer.relu ? b.node('Relu', [y]) : y;
