/**
 * The network's layers as nodes of a TensorFlow graph: the counterpart of the plain tfjs reference
 * (shared/model/reference/compute.ts), layer by layer.
 * @module
 */
import {
  BATCH_NORM_EPSILON,
  type ConvLayer,
  type Layer,
  type LinearLayer,
  type MaxPoolLayer,
  type Network,
  poolPadAfter,
} from '@hebb/model';
import type { GraphBuilder, Value } from './graph-builder.ts';
import { lrn } from './lrn.ts';
import {
  avgPool,
  batchNorm,
  biasAdd,
  concat,
  conv2d,
  identity,
  matMul,
  maxPool,
  mean,
  relu,
  reshape,
  sigmoid,
  softmax,
} from './ops.ts';
import type { DataType } from './proto/messages.ts';

/** Returns a parameter by its name (`layerParameters`) in the data type of its layer. */
export type Parameters = (name: string, dtype: DataType) => Value;

/** The output of each layer, by name: [n, h, w, c]; from the global average pool on [n, units]. */
export type Activations = ReadonlyMap<string, Value>;

/** Adds one layer after its inputs. Its last node has the layer's name. */
export type AddLayer = (
  g: GraphBuilder,
  layer: Layer,
  inputs: readonly Value[],
) => Value | undefined;

export interface ForwardOptions {
  /** Overrides `addLayer` for some layers; returns undefined for the others. */
  readonly otherwise?: AddLayer;
  /** Converts a layer's input to the data type of the layer. */
  readonly prepare?: (layer: Layer, x: Value) => Value;
  /** Converts a layer's output, which the next layers then read. */
  readonly finish?: (layer: Layer, y: Value) => Value;
}

/** Adds the whole network for inference after `input`, normalised pixels [n, s, s, 3]. */
export function forwardGraph(
  g: GraphBuilder,
  network: Network,
  input: Value,
  parameters: Parameters,
  { prepare = (_, x) => x, finish = (_, y) => y, otherwise = () => undefined }: ForwardOptions = {},
): Activations {
  const activations = new Map<string, Value>();
  for (const layer of network.layers) {
    const inputs = layer.inputs.map((name) => prepare(layer, activations.get(name)!));
    const output =
      layer.kind === 'input'
        ? input
        : (otherwise(g, layer, inputs) ?? addLayer(g, layer, inputs, parameters));
    activations.set(layer.name, finish(layer, output));
  }
  return activations;
}

/** Adds one layer. Its last node has the layer's name. */
export function addLayer(
  g: GraphBuilder,
  layer: Layer,
  inputs: readonly Value[],
  parameters: Parameters,
): Value {
  const x = inputs[0]!;
  const { name } = layer;
  switch (layer.kind) {
    case 'conv':
      return conv(g, layer, x, parameters);
    case 'maxPool':
      return maxPool(g, name, x, { ...layer, padding: poolPadding(layer) });
    case 'averagePool':
      return avgPool(g, name, x, { ...layer, padding: 'VALID' });
    case 'globalAveragePool':
      return mean(g, name, x, [1, 2]);
    case 'lrn':
      return lrn(g, layer, x).y;
    case 'concat':
      return concat(g, name, inputs, 3);
    case 'linear':
      return linear(g, layer, x, parameters);
    case 'softmax':
      return softmax(g, name, x);
    case 'sigmoid':
      return sigmoid(g, name, x);
    case 'input':
    case 'dropout':
      return identity(g, name, x);
  }
}

function conv(g: GraphBuilder, layer: ConvLayer, x: Value, parameters: Parameters): Value {
  const { name } = layer;
  const get = (part: string, dtype: DataType = x.dtype) => parameters(`${name}/${part}`, dtype);
  const y = conv2d(g, `${name}/conv`, x, get('kernel'), layer);
  if (!layer.batchNorm) return relu(g, name, biasAdd(g, `${name}/biased`, y, get('bias')));
  const norm = {
    gamma: get('gamma', 'float32'),
    beta: get('beta', 'float32'),
    mean: get('mean', 'float32'),
    variance: get('variance', 'float32'),
  };
  return relu(g, name, batchNorm(g, `${name}/norm`, y, norm, BATCH_NORM_EPSILON));
}

/**
 * For the sizes in this network, rounding the output up equals SAME if a window exceeds the edge, and VALID if
 * none does. Padding does not affect a maximum.
 */
export function poolPadding(layer: MaxPoolLayer): 'SAME' | 'VALID' {
  return layer.pad > 0 || poolPadAfter(layer, 0) > 0 ? 'SAME' : 'VALID';
}

function linear(g: GraphBuilder, layer: LinearLayer, x: Value, parameters: Parameters): Value {
  const { name } = layer;
  const [height, width, channels] = layer.inputShape;
  const flat =
    height * width > 1 ? reshape(g, `${name}/flat`, x, [-1, height * width * channels]) : x;
  const kernel = parameters(`${name}/kernel`, x.dtype);
  const product = matMul(g, `${name}/product`, flat, kernel);
  const biasName = layer.relu ? `${name}/biased` : name;
  const biased = biasAdd(g, biasName, product, parameters(`${name}/bias`, x.dtype));
  return layer.relu ? relu(g, name, biased) : biased;
}
