/**
 * Converts the weights of a matched file to a package's tensors: HWIO kernels, batch norm folded.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import type { ConvLayer, Layer, LinearLayer } from '@hebb/model/network/layer';
import type { Tensor, Tensors } from '@hebb/model/package/safetensors';
import { quoted, type TensorProto } from '../onnx/model.ts';
import { readFloats, tensorShape } from '../onnx/tensor.ts';
import type { FoundConv, FoundLinear } from './found.ts';
import type { Match } from './match.ts';

/** `order[ours]` is the file's index of our channel; undefined if both orders are equal. */
type ChannelOrder = readonly number[] | undefined;

/** All tensors of the network, float32. Throws `unsupported_model` for wrong shapes. */
export function convertWeights(match: Match): Tensors {
  const tensors = new Map<string, Tensor>();
  const orders = new Map<string, ChannelOrder>();
  for (const layer of match.network.layers) {
    const inputOrder = orders.get(layer.inputs[0] ?? '');
    const found = match.layers.get(layer.name);
    if (layer.kind === 'conv') {
      addConv(tensors, layer, found as FoundConv, inputOrder);
    } else if (layer.kind === 'linear') {
      addLinear(tensors, layer, found as FoundLinear, inputOrder);
    } else if (layer.kind === 'concat') {
      orders.set(layer.name, concatOrder(layer, match, orders));
    } else {
      orders.set(layer.name, inputOrder); // pools work channel by channel
    }
  }
  return tensors;
}

/** Maps our concatenated channels to the file's, which may concatenate its branches in another order. */
function concatOrder(
  layer: Layer,
  match: Match,
  orders: ReadonlyMap<string, ChannelOrder>,
): ChannelOrder {
  const places = match.branches.get(layer.name)!;
  const widths = layer.inputs.map(
    (name) => match.network.layers.find((other) => other.name === name)!.shape[2],
  );
  const start = (branch: number) =>
    widths.reduce((sum, width, i) => (places[i]! < places[branch]! ? sum + width : sum), 0);
  const order = widths.flatMap((width, branch) => {
    const within = orders.get(layer.inputs[branch]!);
    return Array.from({ length: width }, (_, c) => start(branch) + (within?.[c] ?? c));
  });
  return order.every((channel, c) => channel === c) ? undefined : order;
}

function addConv(
  tensors: Map<string, Tensor>,
  layer: ConvLayer,
  found: FoundConv,
  order: ChannelOrder,
): void {
  const { size } = layer;
  const [inputs, outputs] = [layer.inputShape[2], layer.shape[2]];
  const weight = readFloats(found.weight); // [out, in, height, width]
  const { factor, bias } = affine(found, outputs);
  const kernel = new Float32Array(weight.length);
  const taps = size * size;
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      const from = (o * inputs + (order?.[i] ?? i)) * taps;
      for (let tap = 0; tap < taps; tap++) {
        kernel[(tap * inputs + i) * outputs + o] = weight[from + tap]! * factor[o]!;
      }
    }
  }
  addTensor(tensors, `${layer.name}/kernel`, [size, size, inputs, outputs], kernel);
  addTensor(tensors, `${layer.name}/bias`, [outputs], Float32Array.from(bias));
}

/**
 * Bias and batch norm as a factor and an offset per output channel, with the file's epsilon:
 * γ (w·x + b − mean) / √(variance + ε) + β.
 */
function affine(found: FoundConv, outputs: number) {
  const vector = (tensor: TensorProto | undefined, absent: number): Float64Array => {
    if (!tensor) return new Float64Array(outputs).fill(absent);
    return Float64Array.from(checkedVector(tensor, outputs));
  };
  const bias = vector(found.bias, 0);
  const norm = found.batchNorm;
  if (!norm) return { factor: new Float64Array(outputs).fill(1), bias };
  const [gamma, beta] = [vector(norm.gamma, 1), vector(norm.beta, 0)];
  const [mean, variance] = [vector(norm.mean, 0), vector(norm.variance, 1)];
  const factor = gamma.map((g, c) => g / Math.sqrt(variance[c]! + norm.epsilon));
  return { factor, bias: bias.map((b, c) => (b - mean[c]!) * factor[c]! + beta[c]!) };
}

function addLinear(
  tensors: Map<string, Tensor>,
  layer: LinearLayer,
  found: FoundLinear,
  order: ChannelOrder,
): void {
  const [inputs, outputs] = [layer.inputShape[2], layer.shape[2]];
  const weight = readFloats(found.weight);
  const [product, offset] = found.factors;
  const kernel = new Float32Array(weight.length);
  for (let i = 0; i < inputs; i++) {
    const from = order?.[i] ?? i;
    for (let o = 0; o < outputs; o++) {
      const index = found.transposed ? o * inputs + from : from * outputs + o;
      kernel[i * outputs + o] = weight[index]! * product;
    }
  }
  const bias = found.bias
    ? checkedVector(found.bias, outputs).map((b) => b * offset)
    : new Float32Array(outputs);
  addTensor(tensors, `${layer.name}/kernel`, [inputs, outputs], kernel);
  addTensor(tensors, `${layer.name}/bias`, [outputs], bias);
}

/** The values of a tensor [length], possibly with additional dimensions of 1. */
function checkedVector(tensor: TensorProto, length: number): Float32Array {
  const shape = tensorShape(tensor).filter((n) => n !== 1 || length === 1);
  if (shape.reduce((product, n) => product * n, 1) !== length || shape.length > 1) {
    const found = `[${tensor.dims}]`;
    throw new HebbError(
      'unsupported_model',
      `The tensor ${quoted(tensor.name)} has the shape ${found}, expected [${length}].`,
    );
  }
  return readFloats(tensor);
}

function addTensor(
  tensors: Map<string, Tensor>,
  name: string,
  shape: readonly number[],
  data: Float32Array,
): void {
  if (!data.every(Number.isFinite)) {
    throw new HebbError('unsupported_model', `The weights of ${name} hold NaN or infinity.`, {
      hint: 'The file is damaged, or the training of the network diverged.',
    });
  }
  tensors.set(name, { dtype: 'F32', shape, data: data as Float32Array<ArrayBuffer> });
}
