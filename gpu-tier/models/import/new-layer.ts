import {
  floatAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
} from '../onnx/attributes.ts';
import type { Graph, GraphNode } from '../onnx/graph.ts';
import type { TensorProto } from '../onnx/model.ts';
import { readIntegers, tensorShape } from '../onnx/tensor.ts';
import type { Found, FoundLinear, Pads, Pair } from './found.ts';

/** The layer that a node begins; `other` for an operator that no GoogLeNet has. */
export function newLayer(node: GraphNode, inputs: readonly Found[], graph: Graph): Found {
  const base = { label: node.label, inputs, consumers: [] };
  const other = (): Found => ({ ...base, kind: 'other', op: node.op });
  const constant = (index: number) => graph.constants.get(node.inputs[index] ?? '');
  if (inputs.length !== 1 && node.op !== 'Concat') return other();
  switch (node.op) {
    case 'Conv': {
      const weight = constant(1);
      if (!weight || tensorShape(weight).length !== 4) return other();
      const groups = intAttribute(node, 'group', 1);
      const tensors = { weight, bias: constant(2) };
      return { ...base, kind: 'conv', ...tensors, ...window(node, weight), groups, relu: false };
    }
    case 'MaxPool':
    case 'AveragePool': {
      const kind = node.op === 'MaxPool' ? 'maxPool' : 'averagePool';
      return { ...base, kind, ...window(node), ceil: intAttribute(node, 'ceil_mode', 0) === 1 };
    }
    case 'GlobalAveragePool':
      return { ...base, kind: 'globalAveragePool', op: node.op };
    case 'ReduceMean':
      return isSpatialMean(node, constant(1))
        ? { ...base, kind: 'globalAveragePool', op: node.op }
        : other();
    case 'LRN':
      return {
        ...base,
        kind: 'lrn',
        size: intAttribute(node, 'size', 0),
        alpha: floatAttribute(node, 'alpha', 1e-4),
        beta: floatAttribute(node, 'beta', 0.75),
        bias: floatAttribute(node, 'bias', 1),
      };
    case 'Concat': {
      const axis = intAttribute(node, 'axis', 1);
      const complete = inputs.length === node.inputs.length && (axis === 1 || axis === -3);
      return complete ? { ...base, kind: 'concat', op: node.op } : other();
    }
    case 'Gemm':
    case 'MatMul':
      return linear(node, base, constant(1), constant(2)) ?? other();
    case 'Softmax':
    case 'LogSoftmax': // its exponential is the softmax
      return Math.abs(intAttribute(node, 'axis', 1)) === 1
        ? { ...base, kind: 'softmax', op: node.op }
        : other();
    default:
      return other();
  }
}

function linear(
  node: GraphNode,
  base: Pick<FoundLinear, 'label' | 'inputs' | 'consumers'>,
  weight: TensorProto | undefined,
  bias: TensorProto | undefined,
): FoundLinear | undefined {
  const plain = intAttribute(node, 'transA', 0) === 0;
  if (!weight || tensorShape(weight).length !== 2 || !plain) return undefined;
  return {
    ...base,
    kind: 'linear',
    weight,
    transposed: intAttribute(node, 'transB', 0) === 1,
    factors: [floatAttribute(node, 'alpha', 1), floatAttribute(node, 'beta', 1)],
    ...(bias ? { bias } : {}),
    relu: false,
  };
}

/** Kernel, stride, padding and dilation of a convolution or pool. */
function window(node: GraphNode, weight?: TensorProto) {
  const shape = weight ? tensorShape(weight).slice(2) : [];
  const [height = shape[0] ?? 0, width = shape[1] ?? 0] = intsAttribute(node, 'kernel_shape') ?? [];
  const [sy = 1, sx = 1] = intsAttribute(node, 'strides') ?? [];
  const [dy = 1, dx = 1] = intsAttribute(node, 'dilations') ?? [];
  const [top = 0, left = 0, bottom = 0, right = 0] = intsAttribute(node, 'pads') ?? [];
  const size: Pair = [height, width];
  const automatic = stringAttribute(node, 'auto_pad', 'NOTSET');
  return {
    size,
    stride: [sy, sx] as Pair,
    dilation: [dy, dx] as Pair,
    pads: automatic.startsWith('SAME')
      ? samePads(size, [sy, sx])
      : ([top, left, bottom, right] as Pads),
  };
}

/** At stride 1 SAME pads an odd kernel equally on both sides; at other strides it depends on the input size. */
function samePads([height, width]: Pair, [sy, sx]: Pair): Pads {
  if (sy !== 1 || sx !== 1) return [Number.NaN, Number.NaN, Number.NaN, Number.NaN];
  const [y, x] = [(height - 1) / 2, (width - 1) / 2];
  return [Math.floor(y), Math.floor(x), Math.ceil(y), Math.ceil(x)];
}

/** True for a mean over height and width. The axes are an attribute before opset 18, an input since. */
function isSpatialMean(node: GraphNode, input: TensorProto | undefined): boolean {
  const axes = intsAttribute(node, 'axes') ?? (input ? readIntegers(input) : []);
  const positive = axes.map((axis) => (axis < 0 ? axis + 4 : axis)).sort((a, b) => a - b);
  return positive.join() === '2,3';
}
