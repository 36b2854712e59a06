/**
 * The network's layers as nodes of a training graph, recorded on a tape: the counterpart of
 * gpu-tier/tensorflow/graph/layers.ts, with batch statistics, dropout and gradients.
 * @module
 */
import {
  BATCH_NORM_EPSILON,
  type ConvLayer,
  type DropoutLayer,
  type Layer,
  type LinearLayer,
  type Network,
} from '@hebb/model';
import { batchNormReluTraining, batchNormTraining } from '@hebb/tensorflow/autodiff/batch-norm';
import { lrn } from '@hebb/tensorflow/autodiff/lrn';
import * as d from '@hebb/tensorflow/autodiff/ops';
import { shapeOf } from '@hebb/tensorflow/autodiff/ops';
import type { Tape } from '@hebb/tensorflow/autodiff/tape';
import { attr, type GraphBuilder, type Value } from '@hebb/tensorflow/graph/graph-builder';
import { poolPadding } from '@hebb/tensorflow/graph/layers';
import {
  add,
  batchNorm,
  cast,
  intConstant,
  mul,
  padImages,
  relu as plainRelu,
} from '@hebb/tensorflow/graph/ops';
import { isWhole, trainedConvolution } from '@hebb/tensorflow/graph/own-kernels';
import type { DataType } from '@hebb/tensorflow/graph/proto/messages';

interface TrainingForwardOptions {
  /** A parameter's float32 value; watched on the tape if it is trained. */
  readonly parameter: (name: string) => Value;
  /** Data type of the trunk; heads are float32. */
  readonly trunkType: DataType;
  /** Whether our own kernels are loaded and used. */
  readonly kernels: boolean;
  /** True for frozen layers; their batch norm uses running statistics. */
  readonly isFrozen: (layer: Layer) => boolean;
  /** int32 [2], fed at each step: decides the dropout masks. */
  readonly seed: Value;
  /** Converts a layer's output, which the next layers then read. */
  readonly finish?: (layer: Layer, y: Value) => Value;
}

/** Batch statistics, float32 [channels], by the name of their running average: `conv1/mean`. */
type BatchStatistics = ReadonlyMap<string, Value>;

interface TrainingForward {
  /** Output of each layer, by its name. */
  readonly activations: ReadonlyMap<string, Value>;
  readonly statistics: BatchStatistics;
}

/** Adds all layers to `input` [n, s, s, 3], except softmax and sigmoid, which are part of the losses. */
export function trainingForward(
  t: Tape,
  network: Network,
  input: Value,
  options: TrainingForwardOptions,
): TrainingForward {
  const activations = new Map<string, Value>();
  const statistics = new Map<string, Value>();
  const add = new LayerAdder(t, options, statistics);
  const { finish = (_, y) => y } = options;
  const shapes = new Map(network.layers.map(({ name, shape }) => [name, shape]));
  for (const layer of network.layers) {
    if (layer.kind === 'softmax' || layer.kind === 'sigmoid') continue;
    const type: DataType = layer.section === 'trunk' ? options.trunkType : 'float32';
    const inputs = layer.inputs.map((name) =>
      d.cast(t, `${layer.name}/in/${name}`, activations.get(name)!, type),
    );
    const channels = layer.inputs.map((name) => shapes.get(name)![2]);
    const y =
      layer.kind === 'input'
        ? cast(t.g, 'input/cast', input, type)
        : add.layer(layer, inputs, channels);
    activations.set(layer.name, finish(layer, y));
  }
  return { activations, statistics };
}

class LayerAdder {
  readonly #t: Tape;
  readonly #options: TrainingForwardOptions;
  readonly #statistics: Map<string, Value>;
  #dropouts = 0;

  constructor(t: Tape, options: TrainingForwardOptions, statistics: Map<string, Value>) {
    this.#t = t;
    this.#options = options;
    this.#statistics = statistics;
  }

  layer(layer: Layer, inputs: readonly Value[], channels: readonly number[]): Value {
    const t = this.#t;
    const x = inputs[0]!;
    const { name } = layer;
    switch (layer.kind) {
      case 'conv':
        return this.#conv(layer, x);
      case 'maxPool':
        return d.maxPool(t, name, x, { ...layer, padding: poolPadding(layer) });
      case 'averagePool':
        return d.avgPool(t, name, x, { ...layer, padding: 'VALID' });
      case 'globalAveragePool':
        return d.spatialMean(t, name, x, layer.inputShape);
      case 'lrn':
        return lrn(t, layer, x);
      case 'concat':
        return d.concat(t, name, inputs, channels);
      case 'dropout':
        return this.#dropout(layer, x);
      case 'linear':
        return this.#linear(layer, x);
      case 'input':
      case 'softmax':
      case 'sigmoid':
        return x;
    }
  }

  /** A parameter cast to a layer's type; the trained master copy stays float32. */
  #get(name: string, type: DataType): Value {
    return d.cast(this.#t, `${name}/cast`, this.#options.parameter(name), type);
  }

  #conv(layer: ConvLayer, x: Value): Value {
    const t = this.#t;
    const { name } = layer;
    const kernel = this.#get(`${name}/kernel`, x.dtype);
    const { kernels, parameter } = this.#options;
    const ownConv = kernels
      ? trainedConvolution(layer, parameter(`${name}/kernel`), x.dtype)
      : undefined;
    const y = d.conv2d(t, `${name}/conv`, ...this.#padded(layer, x, kernel), ownConv);
    if (!layer.batchNorm) {
      const biased = d.biasAdd(t, `${name}/biased`, y, this.#get(`${name}/bias`, x.dtype));
      return d.relu(t, name, biased);
    }
    const get = (part: string) => this.#options.parameter(`${name}/${part}`);
    if (this.#options.isFrozen(layer)) return this.#frozenNorm(layer, y);
    const own = this.#options.kernels && isWhole(layer.shape[2]);
    const norm = own
      ? batchNormReluTraining(t, name, y, get('gamma'), get('beta'), BATCH_NORM_EPSILON)
      : batchNormTraining(t, `${name}/norm`, y, get('gamma'), get('beta'), BATCH_NORM_EPSILON);
    this.#statistics.set(`${name}/mean`, norm.mean).set(`${name}/variance`, norm.variance);
    return own ? norm.y : d.relu(t, name, norm.y);
  }

  /**
   * conv1 pads its strided window by 3 on both sides, unlike TensorFlow's SAME. oneDNN's gradients then
   * need the zeros to be part of the image. The image itself gets no gradient.
   */
  #padded(layer: ConvLayer, x: Value, kernel: Value) {
    if (layer.stride === 1) return [x, kernel, layer] as const;
    const image = padImages(this.#t.g, `${layer.name}/padded`, x, layer.pad);
    return [image, kernel, { ...layer, pad: 0 }] as const;
  }

  /** No layer below a frozen one is trained (unfreezing starts at the top), so no gradient is needed. */
  #frozenNorm({ name }: ConvLayer, y: Value): Value {
    const { g } = this.#t;
    const get = (part: string) => this.#options.parameter(`${name}/${part}`);
    const [gamma, beta, mean, variance] = [get('gamma'), get('beta'), get('mean'), get('variance')];
    const norm = { gamma, beta, mean, variance };
    return plainRelu(g, name, batchNorm(g, `${name}/norm`, y, norm, BATCH_NORM_EPSILON));
  }

  #dropout({ name, rate }: DropoutLayer, x: Value): Value {
    const mask = dropoutMask(this.#t.g, name, x, rate, {
      seed: this.#options.seed,
      index: this.#dropouts++,
    });
    return d.scaleBy(this.#t, name, x, mask);
  }

  #linear(layer: LinearLayer, x: Value): Value {
    const t = this.#t;
    const { name } = layer;
    const [height, width, channels] = layer.inputShape;
    const features = height * width * channels;
    const flat = height * width > 1 ? d.reshape(t, `${name}/flat`, x, [-1, features]) : x;
    const product = d.matMul(t, `${name}/product`, flat, this.#get(`${name}/kernel`, x.dtype));
    const bias = this.#get(`${name}/bias`, x.dtype);
    const biased = d.biasAdd(t, layer.relu ? `${name}/biased` : name, product, bias);
    return layer.relu ? d.relu(t, name, biased) : biased;
  }
}

/**
 * A dropout mask for x: 0 with probability `rate`, else 1 / (1 − rate), which keeps the mean. The op is
 * stateless: the same seed gives the same mask, so a resumed run draws the same masks.
 */
function dropoutMask(
  g: GraphBuilder,
  name: string,
  x: Value,
  rate: number,
  { seed, index }: { readonly seed: Value; readonly index: number },
): Value {
  const own = add(g, `${name}/seed`, seed, intConstant(g, `${name}/index`, [2], [0, index]));
  const uniform = g.add('StatelessRandomUniform', `${name}/uniform`, {
    inputs: [shapeOf(g, `${name}/shape`, x), own],
    attrs: { dtype: attr.type('float32'), T: attr.type('int32'), Tseed: attr.type('int32') },
    dtype: 'float32',
  });
  const scalar = (part: string, value: number) =>
    g.constant(`${name}/${part}`, 'float32', [], Float32Array.of(value));
  const kept = g.add('GreaterEqual', `${name}/kept`, {
    inputs: [uniform, scalar('rate', rate)],
    attrs: { T: attr.type('float32') },
    dtype: 'bool',
  });
  const ones = cast(g, `${name}/ones`, kept, 'float32');
  return mul(g, `${name}/mask`, ones, scalar('scale', 1 / (1 - rate)));
}
