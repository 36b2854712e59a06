/**
 * One training step as a TensorFlow graph: takes pixels and labels, computes forward pass, losses,
 * gradients and updates, and returns the step's figures. The same graph holds the evaluation of the
 * network, on the same variables.
 * @module
 */
import {
  answerLayer,
  googlenet,
  type Layer,
  layerParameters,
  type NetworkSpec,
  type ParameterSpec,
  type Preprocessing,
} from '@hebb/model';
import { Tape } from '@hebb/tensorflow/autodiff/tape';
import { attr, GraphBuilder, type Value } from '@hebb/tensorflow/graph/graph-builder';
import type { Precision } from '@hebb/tensorflow/graph/inference';
import { forwardGraph } from '@hebb/tensorflow/graph/layers';
import { add, cast, identity, mul, reversed, sub } from '@hebb/tensorflow/graph/ops';
import { centredPixels } from '@hebb/tensorflow/graph/pixels';
import type { DataType, GraphDef } from '@hebb/tensorflow/graph/proto/messages';
import { trainingForward } from './forward.ts';
import {
  HALVED_OFFSET,
  halvedPixels,
  Int8Simulation,
  layersWithRange,
  rangeName,
} from './int8-simulation.ts';
import { HEAD_LOGITS, type HeadName, headLoss, topOne, totalLoss } from './losses.ts';
import { kernelNorms } from './norms.ts';
import { clipped, follow, type StepInputs, type UpdateOptions, update } from './optimizer.ts';
import { type Variable, Variables } from './variables.ts';

/** Decay of batch norm's running statistics per step; torchvision's 1 − 0.1. */
const STATISTICS_DECAY = 0.9;

export interface StepGraphOptions extends Omit<UpdateOptions, 'rateFactor'> {
  /** Here `inputSize` is the side of the training images. */
  readonly spec: NetworkSpec;
  /** Side of the evaluated images. */
  readonly evaluationSize: number;
  readonly preprocessing: Pick<Preprocessing, 'channelOrder' | 'mean' | 'scale'>;
  readonly precision: Precision;
  /** Whether our own kernels are loaded and used. */
  readonly kernels: boolean;
  readonly batchSize: number;
  /** With both auxiliary classifiers. */
  readonly auxiliary: boolean;
  readonly mixup: boolean;
  /** Multiply the loss of each image by a weight that is fed; default false. */
  readonly weighted?: boolean;
  /** Keep a moving average of the weights, and evaluate that. */
  readonly average: boolean;
  /** Factor on the learning rate of a layer; 0: frozen. */
  readonly layerRate: (layer: Layer) => number;
  /**
   * Simulate the edge's int8 arithmetic, in the evaluation too. The network must be folded, without auxiliary
   * classifiers, and computed in float32.
   */
  readonly int8?: boolean;
}

/** Names of the placeholders. */
export const STEP_INPUTS = {
  /** uint8 RGB [n, s, s, 3]. */
  image: 'image',
  /** float32 [n, classes]; rows sum to 1, except with sigmoid. */
  labels: 'labels',
  /** float32 [n, 1, 1, 1]: weight of each image in its mix. */
  shares: 'shares',
  /** float32 [n], with sigmoid [n, classes]: weights of the loss. */
  weights: 'weights',
  /** int32 [2]. */
  seed: 'seed',
  /** Scalars. */
  rate: 'rate',
  beta1Power: 'beta1_power',
  beta2Power: 'beta2_power',
  averageDecay: 'average_decay',
  /** uint8 RGB [n, e, e, 3]. */
  evaluationImage: 'evaluation_image',
} as const;

/** float32 [figures]: the figures of a step, in the order of `StepGraph.figures`. */
export const STEP_OUTPUT = 'step';
/** float32 [rows]: the norm of each row's kernels, in the order of `StepGraph.rows`. */
export const WEIGHT_NORMS = 'weight_norms';
/** float32 [n, classes]. */
export const EVALUATION_OUTPUT = 'evaluated';

interface StepGraph {
  readonly graph: GraphDef;
  readonly variables: readonly Variable[];
  /**
   * Names of the numbers of `STEP_OUTPUT`: `loss`, `top1` (with softmax), `norm` (if clipped), `main`, `aux1`, …, and
   * `gradient/<row>`, the norm of the gradient of a row's kernels, before clipping.
   */
  readonly figures: readonly string[];
  /** Names of the numbers of `WEIGHT_NORMS`. */
  readonly rows: readonly string[];
}

export const averageName = (parameter: string): string => `average/${parameter}`;

/** Builds the graph. The gradient of each parameter can be fetched as `gradient/<parameter>`. */
export function stepGraph(options: StepGraphOptions): StepGraph {
  const { spec, auxiliary, layerRate, batchSize } = options;
  const g = new GraphBuilder();
  const t = new Tape(g);
  const variables = new Variables(g);
  const network = googlenet(spec, { auxiliary });
  const parameters = new Map<string, { readonly layer: Layer } & ParameterSpec>(
    network.layers.flatMap((layer) =>
      layerParameters(layer).map((parameter) => [parameter.name, { layer, ...parameter }]),
    ),
  );
  if (options.int8) {
    for (const layer of layersWithRange(network)) {
      const range = { name: rangeName(layer), shape: [], trainable: true };
      const of = network.layers.find(({ name }) => name === layer)!;
      parameters.set(range.name, { layer: of, ...range });
    }
  }
  const variableOf = (name: string) => variables.variable(name, parameters.get(name)!.shape);

  const trained: Variable[] = [];
  for (const { name, layer, trainable } of parameters.values()) {
    const variable = variableOf(name);
    if (!trainable || layerRate(layer) === 0) continue;
    t.watch(variable.value);
    trained.push(variable);
  }

  const inputs = addInputs(g);
  const labels = g.placeholder(STEP_INPUTS.labels, 'float32', [batchSize, spec.classes]);
  const simulation = options.int8
    ? new Int8Simulation(t, network, options.preprocessing)
    : undefined;
  const { activations, statistics } = trainingForward(t, network, addImages(g, options), {
    parameter: (name) => {
      const { value } = variableOf(name);
      return simulation?.parameter(name, value) ?? value;
    },
    ...(simulation && {
      finish: (layer, y) => simulation.activation(layer, y, (name) => variableOf(name).value),
    }),
    trunkType: trunkType(options),
    kernels: options.kernels,
    isFrozen: (layer) => layerRate(layer) === 0,
    seed: g.placeholder(STEP_INPUTS.seed, 'int32', [2]),
  });

  const heads: HeadName[] = auxiliary ? ['main', 'aux1', 'aux2'] : ['main'];
  const weights = options.weighted
    ? g.placeholder(STEP_INPUTS.weights, 'float32', weightsShape(options))
    : undefined;
  const answer = answerLayer(spec);
  const losses = heads.map((head) =>
    headLoss(g, head, activations.get(HEAD_LOGITS[head])!, labels, {
      batchSize,
      answer,
      weights,
    }),
  );
  const totals = t.gradients(losses.map(({ seed }) => seed));
  const gradients = new Map(
    trained.map((variable) => {
      const gradient = totals.get(variable.value.name)!;
      return [variable, identity(g, `gradient/${variable.name}`, gradient)];
    }),
  );

  const rateFactor = (name: string) => layerRate(parameters.get(name)!.layer);
  const limited = options.clipNorm > 0 ? clipped(g, gradients, options.clipNorm) : { gradients };
  const updates = [...limited.gradients].map(([variable, gradient]) =>
    update(g, variables, variable, gradient, inputs, { ...options, rateFactor }),
  );
  const decay = g.constant('statistics/decay', 'float32', [], Float32Array.of(STATISTICS_DECAY));
  for (const [name, statistic] of statistics) {
    updates.push(follow(g, variableOf(name), statistic, decay));
  }
  const kept = options.average ? addAverages() : [];

  const gradientNorms = kernelNorms(g, 'gradient_norm', network, (name) => {
    const value = totals.get(variableOf(name).value.name);
    return trained.includes(variableOf(name)) ? value : undefined;
  });
  const weightNorms = kernelNorms(g, 'weight_norm', network, (name) => variableOf(name).value);
  pack(g, WEIGHT_NORMS, [...weightNorms.values()]);

  const figures: (readonly [string, Value])[] = [
    ['loss', totalLoss(g, losses)],
    ...(answer === 'softmax'
      ? ([['top1', topOne(g, activations.get(HEAD_LOGITS.main)!, labels)]] as const)
      : []),
    ...('norm' in limited ? ([['norm', limited.norm]] as const) : []),
    ...losses.map(({ head, loss }) => [head, loss] as const),
    ...[...gradientNorms].map(([row, norm]) => [`gradient/${row}`, norm] as const),
  ];
  const after = [...updates, ...kept];
  pack(
    g,
    STEP_OUTPUT,
    figures.map(([, value]) => value),
    after,
  );
  addEvaluation(g, options, variables);
  variables.addInitialiser();
  return {
    graph: g.build(),
    variables: variables.all,
    figures: figures.map(([name]) => name),
    rows: [...weightNorms.keys()],
  };

  /** Each average follows its parameter after all updates. Auxiliary heads have no averages. */
  function addAverages(): Value[] {
    return [...parameters.values()]
      .filter(({ layer }) => layer.section === 'trunk' || layer.section === 'head')
      .map(({ name, shape }) => {
        const current = variables.read(`average/${name}/target`, variableOf(name).handle, updates);
        const average = variables.variable(averageName(name), shape);
        return follow(g, average, current, inputs.averageDecay);
      });
  }
}

/** An image has one weight; with sigmoid, one for each class. */
export const weightsShape = ({
  spec,
  batchSize,
}: Pick<StepGraphOptions, 'spec' | 'batchSize'>): number[] =>
  answerLayer(spec) === 'softmax' ? [batchSize] : [batchSize, spec.classes];

/** Scalars as one vector; the nodes `after` run before it. */
function pack(
  g: GraphBuilder,
  name: string,
  inputs: readonly Value[],
  after: readonly Value[] = [],
): void {
  const attrs = {
    T: attr.type('float32'),
    N: attr.int(inputs.length),
    axis: attr.int(0),
  };
  g.add('Pack', name, { inputs, attrs, after, dtype: 'float32' });
}

const trunkType = ({ precision }: Pick<StepGraphOptions, 'precision'>): DataType =>
  precision === 'bf16' ? 'bfloat16' : 'float32';

function addInputs(g: GraphBuilder): StepInputs {
  const scalar = (name: string) => g.placeholder(name, 'float32', []);
  return {
    rate: scalar(STEP_INPUTS.rate),
    beta1Power: scalar(STEP_INPUTS.beta1Power),
    beta2Power: scalar(STEP_INPUTS.beta2Power),
    averageDecay: scalar(STEP_INPUTS.averageDecay),
  };
}

function addImages(
  g: GraphBuilder,
  { spec, batchSize, preprocessing, mixup, int8 }: StepGraphOptions,
): Value {
  const { inputSize } = spec;
  const pixels = g.placeholder(STEP_INPUTS.image, 'uint8', [batchSize, inputSize, inputSize, 3]);
  const images = normalisedPixels(g, pixels, preprocessing, int8);
  if (!mixup) return images;
  return mixed(g, images, g.placeholder(STEP_INPUTS.shares, 'float32', [batchSize, 1, 1, 1]));
}

/** The network at inference, on the averaged weights if there are any. */
function addEvaluation(graph: GraphBuilder, options: StepGraphOptions, variables: Variables): void {
  const { spec, evaluationSize: size, preprocessing, average, int8 } = options;
  const g = graph.scope('evaluation');
  const network = googlenet({ ...spec, inputSize: size });
  const shapes = new Map<string, readonly number[]>(
    network.layers.flatMap(layerParameters).map(({ name, shape }) => [name, shape]),
  );
  const currentOf = (name: string) =>
    variables.variable(average ? averageName(name) : name, shapes.get(name) ?? []).value;
  const simulation = int8 ? new Int8Simulation(new Tape(g), network, preprocessing) : undefined;
  const pixels = graph.placeholder(STEP_INPUTS.evaluationImage, 'uint8', [-1, size, size, 3]);
  const images = cast(
    g,
    'pixels/cast',
    normalisedPixels(g, pixels, preprocessing, int8),
    trunkType(options),
  );
  const activations = forwardGraph(
    g,
    network,
    images,
    (name, dtype) => {
      const value = currentOf(name);
      return cast(g, `${name}/cast`, simulation?.parameter(name, value) ?? value, dtype);
    },
    {
      prepare: ({ section, name }, x) =>
        section === 'head' ? cast(g, `${name}/cast`, x, 'float32') : x,
      ...(simulation && { finish: (layer, y) => simulation.activation(layer, y, currentOf) }),
    },
  );
  identity(graph, EVALUATION_OUTPUT, activations.get(answerLayer(spec))!);
}

/**
 * uint8 RGB [n, s, s, 3] to the network's input: (v − mean) · scale, in the package's channel order.
 * @param int8 as the edge reads it, with 7 bits a colour
 */
function normalisedPixels(
  g: GraphBuilder,
  pixels: Value,
  { mean, scale, channelOrder }: Pick<Preprocessing, 'mean' | 'scale' | 'channelOrder'>,
  int8 = false,
): Value {
  const factors = g.constant('pixels/scale', 'float32', [3], Float32Array.from(scale));
  const centred = int8
    ? centredPixels(g, halvedPixels(g, 'pixels/halved', pixels), {
        mean: [mean[0] - HALVED_OFFSET, mean[1] - HALVED_OFFSET, mean[2] - HALVED_OFFSET],
      })
    : centredPixels(g, pixels, { mean });
  const scaled = mul(g, 'pixels/scaled', centred, factors);
  return channelOrder === 'rgb' ? scaled : reversed(g, 'pixels/bgr', scaled, 3);
}

/**
 * Mixup (Zhang et al. 2018): image i of n becomes λ·xᵢ + (1 − λ)·xₙ₋₁₋ᵢ. `shares` are λ, float32
 * [n, 1, 1, 1].
 */
function mixed(g: GraphBuilder, images: Value, shares: Value): Value {
  const others = reversed(g, 'mixup/others', images, 0);
  const one = g.constant('mixup/one', 'float32', [], Float32Array.of(1));
  const rest = sub(g, 'mixup/rest', one, shares);
  return add(g, 'mixup', mul(g, 'mixup/own', images, shares), mul(g, 'mixup/other', others, rest));
}
