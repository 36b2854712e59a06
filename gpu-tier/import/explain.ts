/**
 * Says what a file is when it is no GoogLeNet: families are told by what only they have.
 * @module
 */
import type { Graph } from '../onnx/graph.ts';
import type { Found, FoundConv } from './found.ts';
import type { FoundNetwork } from './read-layers.ts';

interface Evidence {
  readonly graph: Graph;
  readonly layers: readonly Found[];
  readonly convs: readonly FoundConv[];
  /** The first layer that ONNX calls by one of these names. */
  readonly first: (...ops: readonly string[]) => string | undefined;
}

interface Family {
  readonly name: string;
  /** What gives it away, as a clause: `Add joins two branches at …`. */
  readonly sign: (evidence: Evidence) => string | undefined;
}

/** In the order of asking: what comes first has the stronger sign. */
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

/** `This looks like a ResNet: Add joins …`; undefined for what is not recognised. */
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
