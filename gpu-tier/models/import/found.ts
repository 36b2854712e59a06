/**
 * The layers of an ONNX file in the terms of shared/model: convolutions with their batch norm and ReLU, pools,
 * and so on, linked to their inputs and consumers. The matcher compares these.
 * @module
 */
import type { TensorProto } from '../onnx/model.ts';
import { tensorShape } from '../onnx/tensor.ts';

interface FoundBase {
  /** Operator and name of the (first) node, for messages. */
  readonly label: string;
  readonly inputs: readonly Found[];
  readonly consumers: Found[];
}

export interface FoundInput extends FoundBase {
  readonly kind: 'input';
}

/** Height and width. */
export type Pair = readonly [number, number];
/** Top, left, bottom, right. */
export type Pads = readonly [number, number, number, number];

export interface FoundBatchNorm {
  readonly gamma: TensorProto;
  readonly beta: TensorProto;
  readonly mean: TensorProto;
  readonly variance: TensorProto;
  readonly epsilon: number;
}

export interface FoundConv extends FoundBase {
  readonly kind: 'conv';
  /** [out, in / groups, height, width]. */
  readonly weight: TensorProto;
  readonly bias: TensorProto | undefined;
  readonly size: Pair;
  readonly stride: Pair;
  readonly pads: Pads;
  readonly dilation: Pair;
  readonly groups: number;
  batchNorm?: FoundBatchNorm;
  relu: boolean;
}

export interface FoundPool extends FoundBase {
  readonly kind: 'maxPool' | 'averagePool';
  readonly size: Pair;
  readonly stride: Pair;
  readonly pads: Pads;
  readonly dilation: Pair;
  /** Output size rounded up. */
  readonly ceil: boolean;
}

export interface FoundLrn extends FoundBase {
  readonly kind: 'lrn';
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly bias: number;
}

export interface FoundLinear extends FoundBase {
  readonly kind: 'linear';
  readonly weight: TensorProto;
  /** True when `weight` is [out, in], false for [in, out]. */
  readonly transposed: boolean;
  /** Factors of the product and of the bias (Gemm's alpha and beta). */
  readonly factors: readonly [product: number, bias: number];
  bias?: TensorProto;
  relu: boolean;
}

export interface FoundPlain extends FoundBase {
  readonly kind: 'globalAveragePool' | 'concat' | 'softmax' | 'other';
  /** Operator of the node, as ONNX calls it. */
  readonly op: string;
}

export type Found = FoundInput | FoundConv | FoundPool | FoundLrn | FoundLinear | FoundPlain;

/** [in, out] of a linear layer, transposed or not. */
export function linearShape({ weight, transposed }: FoundLinear): Pair {
  const [rows = 0, columns = 0] = tensorShape(weight);
  return transposed ? [columns, rows] : [rows, columns];
}
