/**
 * The ops of gpu-tier/tensorflow/graph/ops.ts with gradients, recorded on a tape. The gradients are TensorFlow's own
 * (tensorflow/python/ops/nn_grad.py, math_grad.py, array_grad.py).
 * @module
 */
import { attr, type GraphBuilder, output, type Value } from '../graph/graph-builder.ts';
import * as ops from '../graph/ops.ts';
import type { OwnConvolution } from '../graph/own-kernels.ts';
import type { DataType } from '../graph/proto/messages.ts';
import type { Pullback, Tape } from './tape.ts';

export function conv2d(
  t: Tape,
  name: string,
  x: Value,
  kernel: Value,
  options: ops.Conv2dOptions,
  own?: OwnConvolution,
): Value {
  const { g } = t;
  const attrs = ops.convAttributes(x.dtype, options);
  const backprop =
    (op: string, sizesOf: Value, inputs: (sizes: Value, dy: Value) => Value[]): Pullback =>
    (dy, at) => {
      const sizes = shapeOf(g, `${at}/sizes`, sizesOf);
      return g.add(op, at, { inputs: inputs(sizes, dy), attrs, dtype: x.dtype });
    };
  const toInput = backprop('Conv2DBackpropInput', x, (sizes, dy) => [sizes, kernel, dy]);
  const toKernel = backprop('Conv2DBackpropFilter', kernel, (sizes, dy) => [x, sizes, dy]);
  return t.record(own?.forward(g, name, x) ?? ops.conv2d(g, name, x, kernel, options), [
    [x, own ? (dy, at) => own.backward(g, at, dy) : toInput],
    [kernel, own ? (dy, at) => own.filter(g, at, x, dy) : toKernel],
  ]);
}

export function biasAdd(t: Tape, name: string, x: Value, bias: Value): Value {
  const biasGrad: Pullback = (dy, at) =>
    t.g.add('BiasAddGrad', at, {
      inputs: [dy],
      attrs: { T: attr.type(dy.dtype) },
      dtype: dy.dtype,
    });
  return t.record(ops.biasAdd(t.g, name, x, bias), [
    [x, (dy) => dy],
    [bias, biasGrad],
  ]);
}

export function relu(t: Tape, name: string, x: Value): Value {
  const y = ops.relu(t.g, name, x);
  return t.record(y, [[x, (dy, at) => ops.reluGrad(t.g, at, dy, y)]]);
}

export function maxPool(t: Tape, name: string, x: Value, options: ops.PoolOptions): Value {
  const y = ops.maxPool(t.g, name, x, options);
  const attrs = ops.poolAttributes(x.dtype, options);
  const grad: Pullback = (dy, at) =>
    t.g.add('MaxPoolGrad', at, { inputs: [x, y, dy], attrs, dtype: x.dtype });
  return t.record(y, [[x, grad]]);
}

export function avgPool(t: Tape, name: string, x: Value, options: ops.PoolOptions): Value {
  const attrs = ops.poolAttributes(x.dtype, options);
  const grad: Pullback = (dy, at) => {
    const inputs = [shapeOf(t.g, `${at}/shape`, x), dy];
    return t.g.add('AvgPoolGrad', at, { inputs, attrs, dtype: x.dtype });
  };
  return t.record(ops.avgPool(t.g, name, x, options), [[x, grad]]);
}

/** Mean over height and width of x [n, height, width, c]. */
export function spatialMean(
  t: Tape,
  name: string,
  x: Value,
  [height, width, channels]: readonly [number, number, number],
): Value {
  const share = new Float32Array(height * width).fill(1 / (height * width));
  const grad: Pullback = (dy, at) => {
    const column = ops.reshape(t.g, `${at}/column`, dy, [-1, 1, 1, channels]);
    const shares = t.g.constant(`${at}/shares`, 'float32', [1, height, width, 1], share);
    return ops.mul(t.g, at, column, ops.cast(t.g, `${at}/cast`, shares, dy.dtype));
  };
  return t.record(ops.mean(t.g, name, x, [1, 2]), [[x, grad]]);
}

/** Concatenates along the channels; `channels` are those of the inputs, in order. */
export function concat(
  t: Tape,
  name: string,
  inputs: readonly Value[],
  channels: readonly number[],
): Value {
  const { g } = t;
  let parts: Value | undefined;
  const slice =
    (i: number): Pullback =>
    (dy) => {
      parts ??= g.add('SplitV', `grad/${name}/split`, {
        inputs: [
          dy,
          ops.intConstant(g, `grad/${name}/sizes`, [channels.length], channels),
          ops.intConstant(g, `grad/${name}/axis`, [], [3]),
        ],
        attrs: {
          T: attr.type(dy.dtype),
          Tlen: attr.type('int32'),
          num_split: attr.int(channels.length),
        },
        dtype: dy.dtype,
      });
      return output(parts, i);
    };
  return t.record(
    ops.concat(g, name, inputs, 3),
    inputs.map((input, i) => [input, slice(i)] as const),
  );
}

export function reshape(t: Tape, name: string, x: Value, shape: readonly number[]): Value {
  const back: Pullback = (dy, at) => {
    const attrs = { T: attr.type(dy.dtype), Tshape: attr.type('int32') };
    const inputs = [dy, shapeOf(t.g, `${at}/shape`, x)];
    return t.g.add('Reshape', at, { inputs, attrs, dtype: dy.dtype });
  };
  return t.record(ops.reshape(t.g, name, x, shape), [[x, back]]);
}

/** [n, a] · [a, b]. */
export function matMul(t: Tape, name: string, x: Value, kernel: Value): Value {
  return t.record(ops.matMul(t.g, name, x, kernel), [
    [x, (dy, at) => ops.matMul(t.g, at, dy, kernel, { transposeB: true })],
    [kernel, (dy, at) => ops.matMul(t.g, at, x, dy, { transposeA: true })],
  ]);
}

/** Converts to another type, and the gradient back to the type of x. */
export function cast(t: Tape, name: string, x: Value, dtype: DataType): Value {
  if (x.dtype === dtype) return x;
  const back: Pullback = (dy, at) => ops.cast(t.g, at, dy, x.dtype);
  return t.record(ops.cast(t.g, name, x, dtype), [[x, back]]);
}

/** x times a factor without a gradient: a dropout mask, a frozen scale. */
export function scaleBy(t: Tape, name: string, x: Value, factor: Value): Value {
  return t.record(ops.mul(t.g, name, x, factor), [[x, (dy, at) => ops.mul(t.g, at, dy, factor)]]);
}

export const shapeOf = (g: GraphBuilder, name: string, x: Value): Value =>
  g.add('Shape', name, {
    inputs: [x],
    attrs: { T: attr.type(x.dtype), out_type: attr.type('int32') },
    dtype: 'int32',
  });
