/**
 * TensorFlow's ops as functions: each adds one node named `name` and returns what it computes.
 * Images are NHWC. Attributes are those of tensorflow/core/ops/{nn,math,array}_ops.cc.
 * @module
 */
import { attr, type GraphBuilder, type Value } from './graph-builder.ts';
import type { DataType } from './proto/messages.ts';

type Unary = (g: GraphBuilder, name: string, x: Value) => Value;
type Binary = (g: GraphBuilder, name: string, a: Value, b: Value) => Value;

const unary =
  (op: string): Unary =>
  (g, name, x) =>
    g.add(op, name, { inputs: [x], attrs: { T: attr.type(x.dtype) }, dtype: x.dtype });

const binary =
  (op: string): Binary =>
  (g, name, a, b) =>
    g.add(op, name, { inputs: [a, b], attrs: { T: attr.type(a.dtype) }, dtype: a.dtype });

export const identity = unary('Identity');
export const relu = unary('Relu');
export const softmax = unary('Softmax');
export const sigmoid = unary('Sigmoid');
export const softplus = unary('Softplus');
export const square = unary('Square');
export const sqrt = unary('Sqrt');
export const rsqrt = unary('Rsqrt');
export const exp = unary('Exp');
export const abs = unary('Abs');
/** Rounds to the nearest integer, ties to even. */
export const rint = unary('Rint');
export const biasAdd = binary('BiasAdd');
export const sub = binary('Sub');
export const mul = binary('Mul');
export const pow = binary('Pow');
export const div = binary('RealDiv');
export const add = binary('AddV2');
export const maximum = binary('Maximum');
/** Gradient of a ReLU: `dy` where the output `y` is positive. */
export const reluGrad = binary('ReluGrad');

export interface MatMulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

export function matMul(
  g: GraphBuilder,
  name: string,
  a: Value,
  b: Value,
  { transposeA = false, transposeB = false }: MatMulOptions = {},
): Value {
  const attrs = {
    T: attr.type(a.dtype),
    transpose_a: attr.bool(transposeA),
    transpose_b: attr.bool(transposeB),
  };
  return g.add('MatMul', name, { inputs: [a, b], attrs, dtype: a.dtype });
}

/** Converts `x` to another type; adds no node if `x` already has it. */
export function cast(g: GraphBuilder, name: string, x: Value, dtype: DataType): Value {
  if (x.dtype === dtype) return x;
  const attrs = { SrcT: attr.type(x.dtype), DstT: attr.type(dtype) };
  return g.add('Cast', name, { inputs: [x], attrs, dtype });
}

export interface Conv2dOptions {
  readonly stride: number;
  /** Side of the kernel; 1 by default. */
  readonly size?: number;
  /** Zeros on each of the four sides. */
  readonly pad: number;
}

/** `kernel` is [height, width, in, out]. */
export function conv2d(
  g: GraphBuilder,
  name: string,
  x: Value,
  kernel: Value,
  options: Conv2dOptions,
): Value {
  const attrs = convAttributes(x.dtype, options);
  return g.add('Conv2D', name, { inputs: [x, kernel], attrs, dtype: x.dtype });
}

/** The attributes of a convolution and of its gradients. */
export function convAttributes(dtype: DataType, { stride, size = 1, pad }: Conv2dOptions) {
  const padding =
    pad === 0
      ? { padding: attr.string('VALID') }
      : // oneDNN has no gradients for EXPLICIT; TensorFlow's own take 50 times as long in bfloat16.
        stride === 1 && size === 2 * pad + 1
        ? { padding: attr.string('SAME') }
        : {
            padding: attr.string('EXPLICIT'),
            explicit_paddings: attr.ints([0, 0, pad, pad, pad, pad, 0, 0]),
          };
  return { T: attr.type(dtype), strides: attr.ints([1, stride, stride, 1]), ...padding };
}

/** Adds `pad` zeros on each of the four sides of the images. */
export function padImages(g: GraphBuilder, name: string, x: Value, pad: number): Value {
  const sides = intConstant(g, `${name}/sides`, [4, 2], [0, 0, pad, pad, pad, pad, 0, 0]);
  const attrs = { T: attr.type(x.dtype), Tpaddings: attr.type('int32') };
  return g.add('Pad', name, { inputs: [x, sides], attrs, dtype: x.dtype });
}

export interface PoolOptions {
  readonly size: number;
  readonly stride: number;
  readonly padding: 'SAME' | 'VALID';
}

/** The attributes of a pooling and of its gradient. */
export const poolAttributes = (dtype: DataType, { size, stride, padding }: PoolOptions) => ({
  T: attr.type(dtype),
  ksize: attr.ints([1, size, size, 1]),
  strides: attr.ints([1, stride, stride, 1]),
  padding: attr.string(padding),
});

const pool =
  (op: string) =>
  (g: GraphBuilder, name: string, x: Value, options: PoolOptions): Value =>
    g.add(op, name, {
      inputs: [x],
      attrs: poolAttributes(x.dtype, options),
      dtype: x.dtype,
    });

export const maxPool = pool('MaxPool');
export const avgPool = pool('AvgPool');

/** Joins along `axis`. */
export function concat(
  g: GraphBuilder,
  name: string,
  inputs: readonly Value[],
  axis: number,
): Value {
  const { dtype } = inputs[0]!;
  const axisValue = intConstant(g, `${name}/axis`, [], [axis]);
  const attrs = {
    T: attr.type(dtype),
    N: attr.int(inputs.length),
    Tidx: attr.type('int32'),
  };
  return g.add('ConcatV2', name, { inputs: [...inputs, axisValue], attrs, dtype });
}

const reduction =
  (op: string) =>
  (g: GraphBuilder, name: string, x: Value, axes: readonly number[]): Value => {
    const inputs = [x, intConstant(g, `${name}/axes`, [axes.length], axes)];
    const attrs = {
      T: attr.type(x.dtype),
      Tidx: attr.type('int32'),
      keep_dims: attr.bool(false),
    };
    return g.add(op, name, { inputs, attrs, dtype: x.dtype });
  };

/** Mean over `axes`, which are removed. */
export const mean = reduction('Mean');
/** Sum over `axes`, which are removed. */
export const sum = reduction('Sum');
/** Maximum over `axes`, which are removed. */
export const max = reduction('Max');

/** One size may be −1: it is then inferred. */
export function reshape(g: GraphBuilder, name: string, x: Value, shape: readonly number[]): Value {
  const inputs = [x, intConstant(g, `${name}/shape`, [shape.length], shape)];
  const attrs = { T: attr.type(x.dtype), Tshape: attr.type('int32') };
  return g.add('Reshape', name, { inputs, attrs, dtype: x.dtype });
}

/** Reverses x along `axis`. */
export function reversed(g: GraphBuilder, name: string, x: Value, axis: number): Value {
  return g.add('ReverseV2', name, {
    inputs: [x, intConstant(g, `${name}/axis`, [1], [axis])],
    attrs: { T: attr.type(x.dtype), Tidx: attr.type('int32') },
    dtype: x.dtype,
  });
}

export interface BatchNormParameters {
  readonly gamma: Value;
  readonly beta: Value;
  readonly mean: Value;
  readonly variance: Value;
}

/** Batch norm with running statistics, for inference; the four parameters are float32 [c]. */
export function batchNorm(
  g: GraphBuilder,
  name: string,
  x: Value,
  { gamma, beta, mean, variance }: BatchNormParameters,
  epsilon: number,
): Value {
  return g.add('FusedBatchNormV3', name, {
    inputs: [x, gamma, beta, mean, variance],
    attrs: {
      T: attr.type(x.dtype),
      U: attr.type('float32'),
      epsilon: attr.float(epsilon),
      is_training: attr.bool(false),
    },
    dtype: x.dtype,
  });
}

export const intConstant = (
  g: GraphBuilder,
  name: string,
  shape: readonly number[],
  values: readonly number[],
): Value => g.constant(name, 'int32', shape, Int32Array.from(values));
