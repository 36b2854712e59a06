/**
 * Symbolic evaluation of ONNX operators that map an image channel by channel.
 * @module
 */
import { floatAttribute, intAttribute, intsAttribute } from '../onnx/attributes.ts';
import type { GraphNode } from '../onnx/graph.ts';
import type { TensorProto } from '../onnx/model.ts';
import { isFloatTensor, readFloats, readIntegers, tensorShape } from '../onnx/tensor.ts';

/** A channel as an affine map of an input channel: factor · input[source] + offset. */
export interface AffineChannel {
  readonly source: number;
  readonly factor: number;
  readonly offset: number;
}

/** Channels of a value [n, c, h, w]; with `flat` of a value [n, h, w], without a channel axis. */
export interface View {
  readonly channels: readonly AffineChannel[];
  readonly flat: boolean;
}

/** The view that a node computes; undefined if it does more than map channels. */
export function followChannels(
  node: GraphNode,
  views: ReadonlyMap<string, View>,
  constants: ReadonlyMap<string, TensorProto>,
): View | undefined {
  const inputs = node.inputs.map((name) => views.get(name));
  const constant = (index: number) => constants.get(node.inputs[index] ?? '');
  const view = inputs.find((input) => input !== undefined);
  if (!view) return undefined;
  switch (node.op) {
    case 'Gather':
      return gather(node, view, constant(1));
    case 'Slice':
      return slice(node, view, constant);
    case 'Unsqueeze': {
      const axes = intsAttribute(node, 'axes') ?? integers(constant(1));
      const restores = view.flat && (axes?.join() === '1' || axes?.join() === '-3');
      return restores ? { ...view, flat: false } : undefined;
    }
    case 'Concat': {
      const axis = intAttribute(node, 'axis', 1);
      const whole = inputs.every((input) => input && !input.flat) && (axis === 1 || axis === -3);
      return whole
        ? { channels: inputs.flatMap((input) => input!.channels), flat: false }
        : undefined;
    }
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
      return arithmetic(node.op, view, constant(0), constant(1));
    case 'BatchNormalization':
      return batchNorm(node, view, [1, 2, 3, 4].map(constant));
    default:
      return undefined;
  }
}

const integers = (tensor: TensorProto | undefined): number[] | undefined =>
  tensor && !isFloatTensor(tensor) ? readIntegers(tensor) : undefined;

function gather(node: GraphNode, view: View, index: TensorProto | undefined): View | undefined {
  const indices = integers(index);
  const axis = intAttribute(node, 'axis', 0);
  if (!index || !indices || view.flat || (axis !== 1 && axis !== -3)) return undefined;
  const rank = tensorShape(index).length;
  const channels = indices.map((i) => view.channels.at(i));
  if (rank > 1 || channels.includes(undefined)) return undefined;
  return { channels: channels as AffineChannel[], flat: rank === 0 };
}

/** A slice along the channels. Before opset 10, starts, ends and axes are attributes. */
function slice(
  node: GraphNode,
  view: View,
  constant: (index: number) => TensorProto | undefined,
): View | undefined {
  const [start, ...moreStarts] = intsAttribute(node, 'starts') ?? integers(constant(1)) ?? [];
  const [end] = intsAttribute(node, 'ends') ?? integers(constant(2)) ?? [];
  const axes = intsAttribute(node, 'axes') ?? integers(constant(3)) ?? [];
  const steps = integers(constant(4)) ?? [1];
  const channelsOnly = axes.length === 1 && (axes[0] === 1 || axes[0] === -3);
  const plain = moreStarts.length === 0 && steps.join() === '1';
  if (view.flat || !plain || !channelsOnly || start === undefined || end === undefined) {
    return undefined;
  }
  const channels = view.channels.slice(start, end);
  return channels.length > 0 ? { channels, flat: false } : undefined;
}

type Arithmetic = 'Add' | 'Sub' | 'Mul' | 'Div';

function arithmetic(
  op: Arithmetic,
  view: View,
  left: TensorProto | undefined,
  right: TensorProto | undefined,
): View | undefined {
  const values = perChannel(view, left ?? right);
  if (!values || (left && op === 'Div')) return undefined;
  const channels = view.channels.map((channel, c) => apply(op, channel, values[c]!, Boolean(left)));
  return { ...view, channels };
}

/** channel ∘ value. `reversed`: the constant is on the left, which matters for Sub only. */
function apply(
  op: Arithmetic,
  { source, factor, offset }: AffineChannel,
  value: number,
  reversed: boolean,
): AffineChannel {
  switch (op) {
    case 'Add':
      return { source, factor, offset: offset + value };
    case 'Mul':
      return { source, factor: factor * value, offset: offset * value };
    case 'Div':
      return { source, factor: factor / value, offset: offset / value };
    case 'Sub':
      return reversed
        ? { source, factor: -factor, offset: value - offset }
        : { source, factor, offset: offset - value };
  }
}

/** A constant as one number per channel; undefined if it broadcasts differently. */
function perChannel(view: View, tensor: TensorProto | undefined): readonly number[] | undefined {
  if (!tensor || !isFloatTensor(tensor)) return undefined;
  const shape = tensorShape(tensor);
  const count = shape.reduce((product, n) => product * n, 1);
  const { length } = view.channels;
  if (count === 1) return Array.from({ length }, () => readFloats(tensor)[0]!);
  const aligned = shape.length >= 3 && shape.at(-3) === length && count === length;
  return aligned && !view.flat ? [...readFloats(tensor)] : undefined;
}

function batchNorm(
  node: GraphNode,
  view: View,
  tensors: readonly (TensorProto | undefined)[],
): View | undefined {
  const [gamma, beta, mean, variance] = tensors.map((tensor) => tensor && readFloats(tensor));
  const length = view.channels.length;
  const complete = [gamma, beta, mean, variance].every((values) => values?.length === length);
  if (view.flat || !complete) return undefined;
  const epsilon = floatAttribute(node, 'epsilon', 1e-5);
  const channels = view.channels.map(({ source, factor, offset }, c) => {
    const scale = gamma![c]! / Math.sqrt(variance![c]! + epsilon);
    return { source, factor: factor * scale, offset: (offset - mean![c]!) * scale + beta![c]! };
  });
  return { ...view, channels };
}
