import type { Graph, GraphNode } from '../onnx/graph.ts';
import { quoted } from '../onnx/model.ts';

/** Operators that give the places of the best classes, and no longer the scores of all. */
const CHOOSING = new Set(['TopK', 'ArgMax', 'ArgMin', 'Hardmax', 'NonMaxSuppression']);

/** Operators that may follow them: they only bring the places into another form. */
const FORMING = new Set([
  ...['Cast', 'Squeeze', 'Unsqueeze', 'Reshape', 'Flatten', 'Gather', 'GatherElements', 'Slice'],
  ...['Concat', 'Add', 'Identity'],
]);

/**
 * Why an output cannot be a network’s: it ends in a choice among the classes. Undefined where it does
 * not. Names the value in which the scores are, for those who cut the file there.
 */
export function explainEnd(graph: Graph): string | undefined {
  const makers = new Map<string, GraphNode>();
  for (const node of graph.nodes) for (const name of node.outputs) makers.set(name, node);
  for (let value = graph.output; ; ) {
    const node = makers.get(value);
    if (!node) return undefined;
    const [scores = ''] = node.inputs;
    if (CHOOSING.has(node.op)) {
      return `The file ends in ${node.op} (${node.label}): it gives the places of the best classes, not the scores of all, which are in ${quoted(scores)}.`;
    }
    const [from] = node.inputs.filter((name) => makers.has(name));
    if (!FORMING.has(node.op) || from === undefined) return undefined;
    value = from;
  }
}
