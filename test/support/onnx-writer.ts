/**
 * Writes GoogLeNets as ONNX files in the style of various exporters, for tests of the importer.
 * @module
 */

import {
  type ConvLayer,
  type Layer,
  type LrnLayer,
  type MaxPoolLayer,
  type Network,
  poolPadAfter,
  type Tensors,
  tensorOf,
} from '@hebb/model';
import { ATTRIBUTE_TYPE, type ModelProto } from '@hebb/models/onnx/model';
import { float, int, ints, OnnxBuilder } from './onnx-builder.ts';
import { average, averagePool, flatten, linear, type OnnxStyle, vectorOf } from './onnx-head.ts';

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
  const outputs = style.outputs ?? [style.softmax ? 'softmax' : 'linear'];
  const model = b.model(
    outputs.map((name) => values.get(name)!),
    classes,
    dims,
    opset,
  );
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
    case 'averagePool':
      return averagePool(b, layer, x);
    case 'globalAveragePool':
      return flatten(b, average(b, layer, x, style), style);
    case 'dropout':
      return style.dropout ? b.node('Dropout', [x]) : x;
    case 'linear':
      return linear(b, layer, vectorOf(b, layer, x), weights, style);
    case 'softmax':
      return style.softmax ? b.node('Softmax', [x], [int('axis', 1)]) : x;
    case 'sigmoid':
      return b.node('Sigmoid', [x]);
  }
}

/** The input transform of torchvision's GoogLeNet with its ported weights. */
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

/** Replaces initializers by Constant nodes at the beginning. */
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
