import { HebbError } from '../../shared/model/errors.ts';
import type { Graph, GraphNode } from '../onnx/graph.ts';
import { completed } from './completed.ts';
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
