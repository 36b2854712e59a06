/**
 * Explains to the user which network a file holds if it is not a GoogLeNet.
 * @module
 */
import type { Graph, GraphNode } from '../onnx/graph.ts';
import { quoted } from '../onnx/model.ts';
import type { Found, FoundConv } from './found.ts';
import type { FoundNetwork } from './read-layers.ts';

interface Evidence {
  readonly graph: Graph;
  readonly layers: readonly Found[];
  readonly convs: readonly FoundConv[];
  /** `it has <node>` for the first node with one of these operators; undefined if there is none. */
  readonly first: (...ops: readonly string[]) => string | undefined;
}

interface Family {
  readonly name: string;
  /** The evidence for this family, as a clause: `Add joins two branches at …`. */
  readonly sign: (evidence: Evidence) => string | undefined;
}

/** Ordered by the strength of the sign: the first match is reported. */
const FAMILIES: readonly Family[] = [
  {
    name: 'a quantised model (import the float32 one and run `hebb quantize`)',
    sign: ({ first }) =>
      first('QuantizeLinear', 'DequantizeLinear', 'QLinearConv', 'ConvInteger', 'MatMulInteger'),
  },
  {
    name: 'a transformer',
    sign: ({ first }) => first('LayerNormalization', 'Attention', 'MultiHeadAttention', 'Erf'),
  },
  {
    name: 'a model in TensorFlow layout (NHWC; export it with channels first)',
    sign: ({ layers }) =>
      layers[0]?.kind === 'other' && layers[0].op === 'Transpose' ? layers[0].label : undefined,
  },
  {
    name: 'no convolutional network',
    sign: ({ convs }) => (convs.length === 0 ? 'it has no convolution' : undefined),
  },
  {
    name: 'a MobileNet, ShuffleNet or EfficientNet',
    sign: ({ convs }) => {
      const conv = convs.find(({ groups }) => groups > 2); // AlexNet has two
      return conv && `${conv.label} convolves in ${conv.groups} groups (depthwise)`;
    },
  },
  {
    name: 'an Inception v3 or later',
    sign: ({ convs }) => {
      const conv = convs.find(({ size: [height, width] }) => height !== width);
      return conv && `${conv.label} has a ${conv.size.join('×')} kernel`;
    },
  },
  {
    name: 'a ResNet',
    sign: ({ layers }) => {
      const sum = layers.find(
        (layer) => layer.kind === 'other' && layer.op === 'Add' && layer.inputs.length === 2,
      );
      return sum && `Add joins two branches at ${sum.label}`;
    },
  },
  {
    name: 'a DenseNet',
    sign: ({ layers }) => {
      const count = layers.filter(({ kind }) => kind === 'concat').length;
      return count > 20 ? `it has ${count} Concat nodes, a GoogLeNet has 9` : undefined;
    },
  },
  {
    name: 'a SqueezeNet',
    sign: ({ layers }) => {
      const pairs = layers.filter(({ kind, inputs }) => kind === 'concat' && inputs.length === 2);
      return pairs.length >= 8 ? `${pairs.length} Concat nodes join two branches each` : undefined;
    },
  },
  {
    name: 'an AlexNet or CaffeNet',
    sign: ({ convs, layers }) =>
      convs[0]?.size[0] === 11 && !hasConcat(layers) ? 'it starts with an 11×11 kernel' : undefined,
  },
  {
    name: 'a VGG',
    sign: ({ convs, layers }) => {
      const plain = convs.length >= 8 && convs.every(({ size }) => size[0] === 3);
      return plain && !hasConcat(layers)
        ? `its ${convs.length} convolutions are all 3×3, in one line`
        : undefined;
    },
  },
];

const hasConcat = (layers: readonly Found[]) => layers.some(({ kind }) => kind === 'concat');

/** `This looks like a ResNet: Add joins …`; undefined for an unknown network. */
export function explainFamily(graph: Graph, network: FoundNetwork): string | undefined {
  const { layers } = network;
  const convs = layers.filter((layer) => layer.kind === 'conv');
  const first = (...ops: readonly string[]) => {
    const node = graph.nodes.find(({ op }) => ops.includes(op));
    return node && `it has ${node.label}`;
  };
  for (const { name, sign } of FAMILIES) {
    const evidence = sign({ graph, layers, convs, first });
    if (evidence) return `This looks like ${name}: ${evidence}.`;
  }
  return undefined;
}

/** Operators that return the indices of the best classes instead of all scores. */
const CHOOSING = new Set(['TopK', 'ArgMax', 'ArgMin', 'Hardmax', 'NonMaxSuppression']);

/** Operators that may follow them: they only reshape or convert the indices. */
const FORMING = new Set([
  ...['Cast', 'Squeeze', 'Unsqueeze', 'Reshape', 'Flatten', 'Gather', 'GatherElements', 'Slice'],
  ...['Concat', 'Add', 'Identity'],
]);

/**
 * Explains that the graph ends in a choice among the classes (top-k, arg max) and names the value that holds
 * the scores, where the user can cut the file. Undefined for other graphs.
 */
export function explainEnd(graph: Graph): string | undefined {
  const makers = new Map<string, GraphNode>();
  for (const node of graph.nodes) for (const name of node.outputs) makers.set(name, node);
  for (let value = graph.output; ; ) {
    const node = makers.get(value);
    if (!node) return undefined;
    const [scores = ''] = node.inputs;
    if (CHOOSING.has(node.op)) {
      return `The file ends in ${node.op} (${node.label}): it gives the indices of the best classes, not the scores of all, which are in ${quoted(scores)}.`;
    }
    const [from] = node.inputs.filter((name) => makers.has(name));
    if (!FORMING.has(node.op) || from === undefined) return undefined;
    value = from;
  }
}
