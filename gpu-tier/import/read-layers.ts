import { HebbError } from '../../shared/model/errors.ts';
import { floatAttribute, intAttribute } from '../onnx/attributes.ts';
import type { Graph, GraphNode } from '../onnx/graph.ts';
import type { Found, FoundInput } from './found.ts';
import { newLayer } from './new-layer.ts';

/** A file's network: its layers in the order of the file. */
export interface FoundNetwork {
  readonly input: FoundInput;
  readonly layers: readonly Found[];
  /** The layer that makes the graph's output. */
  readonly output: Found;
}

/**
 * Turns nodes into layers, starting at the value `start`: batch norm and ReLU join their
 * convolution, a bias its linear layer; operators that no GoogLeNet has become `other`.
 */
export function readLayers(graph: Graph, nodes: readonly GraphNode[], start: string): FoundNetwork {
  const input: FoundInput = { kind: 'input', label: 'the input', inputs: [], consumers: [] };
  const values = new Map<string, Found>([[start, input]]);
  const layers: Found[] = [];
  const readers = countReaders(graph);
  for (const node of nodes) {
    const read = node.inputs.filter((name) => values.has(name));
    const inputs = read.map((name) => values.get(name)!);
    // What a later node completes must have no other reader.
    const alone = read.length === 1 && readers.get(read[0]!) === 1;
    let layer = alone ? completed(node, inputs[0]!, graph) : undefined;
    if (!layer) {
      layer = newLayer(node, inputs, graph);
      layers.push(layer);
      for (const from of inputs) from.consumers.push(layer);
    }
    if (node.outputs[0]) values.set(node.outputs[0], layer); // no layer here has a second output
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

/** The layer before, when this node only completes it (batch norm, ReLU, a bias, a reshape). */
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

/** Averaged over height and width, or a vector; an average pool's size is checked when matching. */
const isPooled = ({ kind }: Found): boolean =>
  kind === 'globalAveragePool' || kind === 'averagePool' || kind === 'linear' || kind === 'softmax';
