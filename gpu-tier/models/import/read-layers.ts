import { HebbError } from '@hebb/model/errors';
import { floatAttribute, intAttribute } from '../onnx/attributes.ts';
import type { Graph, GraphNode } from '../onnx/graph.ts';
import type { Found, FoundInput } from './found.ts';
import { newLayer } from './new-layer.ts';

/** A file's network, with its layers in the order of the file. */
export interface FoundNetwork {
  readonly input: FoundInput;
  readonly layers: readonly Found[];
  /** The layer that computes the graph's output. */
  readonly output: Found;
}

/**
 * Converts nodes to layers, starting at the value `start`. Batch norm and ReLU are merged into their
 * convolution, a bias into its linear layer. Operators that no GoogLeNet has become `other`.
 */
export function readLayers(graph: Graph, nodes: readonly GraphNode[], start: string): FoundNetwork {
  const input: FoundInput = { kind: 'input', label: 'the input', inputs: [], consumers: [] };
  const values = new Map<string, Found>([[start, input]]);
  const layers: Found[] = [];
  const readers = countReaders(graph);
  for (const node of nodes) {
    const read = node.inputs.filter((name) => values.has(name));
    const inputs = read.map((name) => values.get(name)!);
    // A layer can be completed by a later node only if nothing else reads it.
    const alone = read.length === 1 && readers.get(read[0]!) === 1;
    let layer = alone ? completed(node, inputs[0]!, graph) : undefined;
    if (!layer) {
      layer = newLayer(node, inputs, graph);
      layers.push(layer);
      for (const from of inputs) from.consumers.push(layer);
    }
    if (node.outputs[0]) values.set(node.outputs[0], layer); // these layers have one output
  }
  const output = values.get(graph.output);
  if (!output) throw new HebbError('unsupported_model', 'Its output does not depend on its input.');
  return { input, layers, output };
}

function countReaders(graph: Graph): ReadonlyMap<string, number> {
  const readers = new Map([[graph.output, 1]]);
  for (const name of graph.nodes.flatMap(({ inputs }) => inputs)) {
    readers.set(name, (readers.get(name) ?? 0) + 1);
  }
  return readers;
}

/** `before`, if this node only completes it (batch norm, ReLU, a bias, a reshape); else undefined. */
function completed(node: GraphNode, before: Found, graph: Graph): Found | undefined {
  const constant = (index: number) => graph.constants.get(node.inputs[index] ?? '');
  switch (node.op) {
    case 'BatchNormalization': {
      const [gamma, beta, mean, variance] = [1, 2, 3, 4].map(constant);
      const complete = gamma && beta && mean && variance;
      if (before.kind !== 'conv' || before.batchNorm || before.relu || !complete) return undefined;
      if (intAttribute(node, 'training_mode', 0) !== 0) return undefined;
      const epsilon = floatAttribute(node, 'epsilon', 1e-5);
      before.batchNorm = { gamma, beta, mean, variance, epsilon };
      return before;
    }
    case 'Relu':
      if ((before.kind !== 'conv' && before.kind !== 'linear') || before.relu) return undefined;
      before.relu = true;
      return before;
    case 'Add': {
      const bias = constant(0) ?? constant(1);
      if (before.kind !== 'linear' || before.bias || before.relu || !bias) return undefined;
      before.bias = bias;
      return before;
    }
    case 'Flatten':
    case 'Reshape':
    case 'Squeeze': // [n, c, 1, 1] and [n, c] are the same numbers
      return isPooled(before) ? before : undefined;
    default:
      return undefined;
  }
}

/** True for [n, c, 1, 1] or [n, c]. The matcher checks that an average pool covers the whole image. */
const isPooled = ({ kind }: Found): boolean =>
  kind === 'globalAveragePool' || kind === 'averagePool' || kind === 'linear' || kind === 'softmax';
