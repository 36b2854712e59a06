/**
 * Writes GoogLeNets as ONNX files in the ways that exporters do, for the importer to read back.
 * @module
 */

import {
  ATTRIBUTE_TYPE,
  type AttributeProto,
  DATA_TYPE,
  type ModelProto,
  type NodeProto,
  type TensorProto,
} from '../../gpu-tier/onnx/model.ts';
import {
  type ConvLayer,
  type Layer,
  type LinearLayer,
  type LrnLayer,
  layerParameters,
  type MaxPoolLayer,
  type Network,
  poolPadAfter,
  type Tensors,
  tensorOf,
} from '../../shared/model/index.ts';

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
  /** Order of a module's four branches in Concat. */
  readonly branches?: readonly number[];
  /** Leaves n, height and width open. */
  readonly dynamic?: boolean;
  /** Weights as initializers or in Constant nodes. */
  readonly constants?: boolean;
}

export const ints = (name: string, values: readonly number[]): AttributeProto => ({
  name,
  type: ATTRIBUTE_TYPE.ints,
  ints: values,
});
export const int = (name: string, i: number): AttributeProto => ({
  name,
  type: ATTRIBUTE_TYPE.int,
  i,
});
export const float = (name: string, f: number): AttributeProto => ({
  name,
  type: ATTRIBUTE_TYPE.float,
  f,
});

/** A float32 tensor stored as raw bytes. */
export function rawTensor(name: string, dims: readonly number[], data: Float32Array): TensorProto {
  const raw_data = new Uint8Array(
    data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength),
  );
  return { name, dims, data_type: DATA_TYPE.float, raw_data };
}

export const int64Tensor = (name: string, dims: readonly number[], values: readonly number[]) =>
  ({ name, dims, data_type: DATA_TYPE.int64, int64_data: values }) satisfies TensorProto;

/** Collects nodes and tensors; every node makes one value. */
export class OnnxBuilder {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  #count = 0;

  /** Adds a node and returns the name of its value. */
  node(
    op: string,
    input: readonly string[],
    attribute: readonly AttributeProto[] = [],
    extraOutputs: readonly string[] = [],
  ): string {
    const value = `v${this.#count++}`;
    const name = `node_${value}`;
    this.nodes.push({ op_type: op, name, input, output: [value, ...extraOutputs], attribute });
    return value;
  }

  tensor(tensor: TensorProto): string {
    this.initializers.push(tensor);
    return tensor.name!;
  }

  floats(dims: readonly number[], values: ArrayLike<number>): string {
    return this.tensor(rawTensor(`t${this.#count++}`, dims, Float32Array.from(values)));
  }

  int64s(dims: readonly number[], values: readonly number[]): string {
    return this.tensor(int64Tensor(`t${this.#count++}`, dims, values));
  }

  model(
    output: string,
    classes: number,
    inputDims: readonly (number | string)[],
    opset = 13,
  ): ModelProto {
    const info = (name: string, dims: readonly (number | string)[]) => ({
      name,
      type: {
        tensor_type: {
          elem_type: DATA_TYPE.float,
          shape: {
            dim: dims.map((d) => (typeof d === 'number' ? { dim_value: d } : { dim_param: d })),
          },
        },
      },
    });
    return {
      ir_version: 8,
      producer_name: 'hebb-test',
      opset_import: [{ version: opset }],
      graph: {
        name: 'test',
        node: this.nodes,
        initializer: this.initializers,
        input: [info('image', inputDims)],
        output: [info(output, [inputDims[0]!, classes])],
      },
    };
  }
}

/** The network as an ONNX model; `weights` are its tensors, unfolded if it has batch norm. */
export function onnxModel(network: Network, weights: Tensors, style: OnnxStyle = {}): ModelProto {
  const b = new OnnxBuilder();
  const values = new Map<string, string>();
  for (const layer of network.layers) {
    const inputs = layer.inputs.map((name) => values.get(name)!);
    values.set(layer.name, writeLayer(b, layer, inputs, weights, style));
  }
  const { classes, inputSize } = network.spec;
  const dims = style.dynamic ? ['n', 3, 'h', 'w'] : [1, 3, inputSize, inputSize];
  const opset = style.average === 'ReduceMean-18' ? 18 : style.flatten === 'Squeeze' ? 11 : 13;
  const last = values.get(style.softmax ? 'softmax' : 'linear')!;
  const model = b.model(last, classes, dims, opset);
  return style.constants ? withConstantNodes(model) : model;
}

function writeLayer(
  b: OnnxBuilder,
  layer: Layer,
  inputs: readonly string[],
  weights: Tensors,
  style: OnnxStyle,
): string {
  const x = inputs[0] ?? 'image';
  switch (layer.kind) {
    case 'input':
      return style.transformInput ? transformInput(b) : 'image';
    case 'conv':
      return conv(b, layer, x, weights, style);
    case 'maxPool':
      return maxPool(b, layer, x, style);
    case 'lrn':
      return lrn(b, layer, x);
    case 'concat': {
      const order = style.branches ?? inputs.map((_, i) => i);
      return b.node(
        'Concat',
        order.map((i) => inputs[i]!),
        [int('axis', 1)],
      );
    }
    case 'globalAveragePool':
      return flatten(b, average(b, layer, x, style), style);
    case 'dropout':
      return style.dropout ? b.node('Dropout', [x]) : x;
    case 'linear':
      return linear(b, layer, x, weights, style);
    case 'softmax':
      return style.softmax ? b.node('Softmax', [x], [int('axis', 1)]) : x;
    default:
      throw new Error(`not written here: ${layer.kind}`);
  }
}

/** What torchvision's GoogLeNet does to its input when its weights are the ported ones. */
function transformInput(b: OnnxBuilder): string {
  const [means, deviations] = [
    [0.485, 0.456, 0.406],
    [0.229, 0.224, 0.225],
  ];
  const channels = [0, 1, 2].map((c) => {
    const one = b.node('Gather', ['image', b.int64s([], [c])], [int('axis', 1)]);
    const axis = b.node('Unsqueeze', [one, b.int64s([1], [1])]);
    const scaled = b.node('Mul', [axis, b.floats([], [deviations![c]! / 0.5])]);
    return b.node('Add', [scaled, b.floats([], [(means![c]! - 0.5) / 0.5])]);
  });
  return b.node('Concat', channels, [int('axis', 1)]);
}

function conv(
  b: OnnxBuilder,
  layer: ConvLayer,
  x: string,
  weights: Tensors,
  style: OnnxStyle,
): string {
  const get = (name: string) => tensorOf(weights, `${layer.name}/${name}`, 'F32');
  const { size, stride, pad } = layer;
  const [inputs, outputs] = [layer.inputShape[2], layer.shape[2]];
  const kernel = b.floats(
    [outputs, inputs, size, size],
    toOihw(get('kernel').data, size, inputs, outputs),
  );
  const attributes = [
    ints('kernel_shape', [size, size]),
    ints('strides', [stride, stride]),
    ints('pads', [pad, pad, pad, pad]),
  ];
  const vector = (name: string) => b.floats([outputs], get(name).data);
  let y: string;
  if (layer.batchNorm) {
    y = b.node('Conv', [x, kernel], attributes);
    if (style.identity) y = b.node('Identity', [y]);
    const tensors = ['gamma', 'beta', 'mean', 'variance'].map(vector);
    y = b.node('BatchNormalization', [y, ...tensors], [float('epsilon', style.epsilon ?? 1e-3)]);
  } else {
    y = b.node('Conv', [x, kernel, vector('bias')], attributes);
  }
  return b.node('Relu', [y]);
}

function toOihw(hwio: Float32Array, size: number, inputs: number, outputs: number): Float32Array {
  const taps = size * size;
  const oihw = new Float32Array(hwio.length);
  for (let tap = 0; tap < taps; tap++) {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) {
        oihw[(o * inputs + i) * taps + tap] = hwio[(tap * inputs + i) * outputs + o]!;
      }
    }
  }
  return oihw;
}

function maxPool(b: OnnxBuilder, layer: MaxPoolLayer, x: string, style: OnnxStyle): string {
  const { size, stride, pad } = layer;
  const pads =
    style.pool === 'pads'
      ? [pad, pad, Math.max(pad, poolPadAfter(layer, 0)), Math.max(pad, poolPadAfter(layer, 1))]
      : [pad, pad, pad, pad];
  return b.node(
    'MaxPool',
    [x],
    [
      ints('kernel_shape', [size, size]),
      ints('strides', [stride, stride]),
      ints('pads', pads),
      int('ceil_mode', style.pool === 'pads' ? 0 : 1),
    ],
  );
}

const lrn = (b: OnnxBuilder, { size, alpha, beta, bias }: LrnLayer, x: string): string =>
  b.node(
    'LRN',
    [x],
    [int('size', size), float('alpha', alpha), float('beta', beta), float('bias', bias)],
  );

function average(b: OnnxBuilder, layer: Layer, x: string, style: OnnxStyle): string {
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

function flatten(b: OnnxBuilder, x: string, style: OnnxStyle): string {
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

function linear(
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
    return b.node('Add', [bias, product]);
  }
  if (style.linear === 'Gemm') {
    return b.node('Gemm', [x, b.floats([inputs, outputs], kernel.data), bias]);
  }
  const transposed = new Float32Array(kernel.data.length);
  for (let i = 0; i < inputs; i++) {
    for (let o = 0; o < outputs; o++) transposed[o * inputs + i] = kernel.data[i * outputs + o]!;
  }
  const weight = b.floats([outputs, inputs], transposed);
  return b.node('Gemm', [x, weight, bias], [int('transB', 1)]);
}

/** Initializers become Constant nodes in front. */
function withConstantNodes(model: ModelProto): ModelProto {
  const { graph } = model;
  const constants = graph.initializer.map((tensor) => ({
    op_type: 'Constant',
    name: `constant_${tensor.name}`,
    input: [],
    output: [tensor.name!],
    attribute: [{ name: 'value', type: ATTRIBUTE_TYPE.tensor, t: tensor }],
  }));
  return { ...model, graph: { ...graph, node: [...constants, ...graph.node], initializer: [] } };
}
