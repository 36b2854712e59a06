import {
  answerLayer,
  embeddingLayer,
  layerParameters,
  type Network,
  type NetworkSpec,
  type Preprocessing,
  type Tensors,
  tensorOf,
} from '@hebb/model';
import { toBfloat16 } from './bfloat16.ts';
import { GraphBuilder } from './graph-builder.ts';
import { forwardGraph, type Parameters } from './layers.ts';
import { cast, identity } from './ops.ts';
import { ownKernels } from './own-kernels.ts';
import { centredPixels, foldScale } from './pixels.ts';
import type { DataType, GraphDef } from './proto/messages.ts';

/** Data type of the trunk; pixels, classifier and softmax are float32 in both. */
export const PRECISIONS = ['f32', 'bf16'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** Name of the input: uint8 RGB [n, s, s, 3]. */
export const GRAPH_INPUT = 'image';

/**
 * Names of the outputs, float32, and the layer that computes each in most networks; `outputLayers` has them
 * for every head and answer.
 */
export const GRAPH_OUTPUTS = {
  /** [n, classes]; after softmax rows sum to 1. */
  probabilities: 'softmax',
  /** [n, classes], before softmax or sigmoid. */
  logits: 'linear',
  /** [n, 1024]: the features after the global average; see `embeddingLayer` for other heads. */
  embedding: 'pool5',
} as const;

export type GraphOutput = keyof typeof GRAPH_OUTPUTS;

/** The layer that computes each output. */
export const outputLayers = (spec: NetworkSpec): Readonly<Record<GraphOutput, string>> => ({
  ...GRAPH_OUTPUTS,
  probabilities: answerLayer(spec),
  embedding: embeddingLayer(spec),
});

export interface InferenceModel {
  /** With batch norm, or with it folded. Auxiliary heads are ignored. */
  readonly network: Network;
  readonly weights: Tensors;
  readonly preprocessing: Pick<Preprocessing, 'channelOrder' | 'mean' | 'scale'>;
}

export interface InferenceOptions {
  readonly precision?: Precision;
  /**
   * Uses the ops of our own kernels where they are faster. The process that runs the graph must load them first
   * (`loadKernels`). By default the graph has only TensorFlow's ops, for any server.
   */
  readonly kernels?: boolean;
}

/**
 * The network as a GraphDef with weights as constants. It reads uint8 pixels, normalises them, and has the
 * outputs of `GRAPH_OUTPUTS`. Throws `invalid_package` when a tensor is missing or misshapen.
 */
export function inferenceGraph(
  { network, weights, preprocessing }: InferenceModel,
  { precision = 'f32', kernels = false }: InferenceOptions = {},
): GraphDef {
  const g = new GraphBuilder();
  const { inputSize } = network.spec;
  const layers = network.layers.filter(({ section }) => section === 'trunk' || section === 'head');
  const trunkType: DataType = precision === 'bf16' ? 'bfloat16' : 'float32';

  const pixels = g.placeholder(GRAPH_INPUT, 'uint8', [-1, inputSize, inputSize, 3]);
  const scaled = foldScale(network, weights, preprocessing);
  const activations = forwardGraph(
    g,
    { ...network, layers },
    cast(g, 'pixels/cast', centredPixels(g, pixels, preprocessing), trunkType),
    constants(g, network, scaled),
    {
      ...(kernels && { otherwise: ownKernels(scaled) }),
      prepare: ({ section, name }, x) =>
        section === 'head' ? cast(g, `${name}/cast`, x, 'float32') : x,
    },
  );
  for (const [output, layer] of Object.entries(outputLayers(network.spec))) {
    identity(g, output, activations.get(layer)!);
  }
  return g.build();
}

/** Weights as constants of the graph, rounded to bfloat16 for layers that compute in it. */
function constants(g: GraphBuilder, network: Network, weights: Tensors): Parameters {
  const parameters = network.layers.flatMap(layerParameters);
  const shapes = new Map(parameters.map(({ name, shape }) => [name, shape]));
  return (name, dtype) => {
    const { data, shape } = tensorOf(weights, name, 'F32', shapes.get(name));
    return g.constant(name, dtype, shape, dtype === 'bfloat16' ? toBfloat16(data) : data);
  };
}
