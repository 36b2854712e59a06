import { floatAttribute, intAttribute } from '../onnx/attributes.ts';
import type { Graph, GraphNode } from '../onnx/graph.ts';
import type { Found } from './found.ts';

/** The layer before, when this node only completes it (batch norm, ReLU, a bias, a reshape). */
export function completed(node: GraphNode, before: Found, graph: Graph): Found | undefined {
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
