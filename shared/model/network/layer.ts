/**
 * The kinds of layer that the networks of "Going Deeper with Convolutions" are made of.
 * Plain data: all engines (tfjs, graph, int8) read only these.
 * @module
 */

/** Height, width, channels of one image's activations (NHWC without the N). */
export type Shape = readonly [height: number, width: number, channels: number];

/** Which part of the network a layer belongs to; auxiliary heads are used in training only. */
export type Section = 'trunk' | 'head' | 'aux1' | 'aux2';

interface LayerBase {
  /** Unique, as the paper calls it: `inception4a/3x3_reduce`. Tensors are named `<layer>/<tensor>`. */
  readonly name: string;
  readonly section: Section;
  /** Names of the layers read, in order. Only `input` has none. */
  readonly inputs: readonly string[];
  readonly inputShape: Shape;
  /** Output shape. Linear layers, softmax and sigmoid are [1, 1, units]. */
  readonly shape: Shape;
}

export interface InputLayer extends LayerBase {
  readonly kind: 'input';
}

/**
 * Convolution, then batch norm where there is one, then ReLU (paper section 5: "all the
 * convolutions … use rectified linear activation").
 * Tensors: `kernel` [size, size, in, out]; `bias` [out] without batch norm, else
 * `gamma`, `beta`, `mean`, `variance` [out].
 */
export interface ConvLayer extends LayerBase {
  readonly kind: 'conv';
  readonly size: number;
  readonly stride: number;
  /** Zeros added on each of the four sides. */
  readonly pad: number;
  readonly batchNorm: boolean;
}

/** Max-pooling; output size is rounded up, as in Caffe and torchvision (`ceil_mode`). */
export interface MaxPoolLayer extends LayerBase {
  readonly kind: 'maxPool';
  readonly size: number;
  readonly stride: number;
  readonly pad: number;
}

/** Average pooling without padding (auxiliary heads: 5×5, stride 3). */
export interface AveragePoolLayer extends LayerBase {
  readonly kind: 'averagePool';
  readonly size: number;
  readonly stride: number;
}

/** Mean over height and width. */
export interface GlobalAveragePoolLayer extends LayerBase {
  readonly kind: 'globalAveragePool';
}

/**
 * Local response normalisation across channels (Krizhevsky et al. 2012, section 3.3):
 * x / (bias + alpha / size · Σ x²)^beta over `size` neighbouring channels.
 */
export interface LrnLayer extends LayerBase {
  readonly kind: 'lrn';
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly bias: number;
}

export interface ConcatLayer extends LayerBase {
  readonly kind: 'concat';
}

export interface DropoutLayer extends LayerBase {
  readonly kind: 'dropout';
  /** Share of activations dropped in training. */
  readonly rate: number;
}

/** Fully connected layer; reads [h, w, c] flattened. Tensors: `kernel` [in, out], `bias` [out]. */
export interface LinearLayer extends LayerBase {
  readonly kind: 'linear';
  readonly relu: boolean;
}

export interface SoftmaxLayer extends LayerBase {
  readonly kind: 'softmax';
}

/** 1 / (1 + e^−x) for each class on its own, for images that show several things. */
export interface SigmoidLayer extends LayerBase {
  readonly kind: 'sigmoid';
}

export type Layer =
  | InputLayer
  | ConvLayer
  | MaxPoolLayer
  | AveragePoolLayer
  | GlobalAveragePoolLayer
  | LrnLayer
  | ConcatLayer
  | DropoutLayer
  | LinearLayer
  | SoftmaxLayer
  | SigmoidLayer;

export type LayerKind = Layer['kind'];

/** Whether a layer's output is real numbers in the int8 network too: logits and probabilities. */
export const isReal = ({ kind }: Pick<Layer, 'kind'>): boolean =>
  kind === 'linear' || kind === 'softmax' || kind === 'sigmoid';

/** Output length of a convolution along one side (rounded down). */
export function convOutput(length: number, size: number, stride: number, pad: number): number {
  return Math.floor((length + 2 * pad - size) / stride) + 1;
}

/**
 * Output length of a max-pool along one side, rounded up. The last window must start inside
 * the image or its left padding (Caffe's pooling_layer.cpp; PyTorch's `ceil_mode`).
 */
export function poolOutput(length: number, size: number, stride: number, pad: number): number {
  const out = Math.ceil((length + 2 * pad - size) / stride) + 1;
  return (out - 1) * stride >= length + pad ? out - 1 : out;
}

/** Zeros after the last pixel that the rounded-up last window of a max-pool reads. */
export function poolPadAfter(layer: MaxPoolLayer, axis: 0 | 1): number {
  const read = (layer.shape[axis] - 1) * layer.stride + layer.size;
  return Math.max(0, read - layer.pad - layer.inputShape[axis]);
}
