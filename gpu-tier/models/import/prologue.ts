/**
 * The operators of a file before the first convolution. torchvision's GoogLeNet converts one normalisation into
 * another there (`transform_input`: Gather, Unsqueeze, Mul, Add per channel, then Concat); other files subtract
 * a mean or swap channels. An affine map of each channel becomes part of the package's preprocessing, and the
 * network starts after it.
 * @module
 */
import type { Graph, GraphNode } from '../onnx/graph.ts';
import { type AffineChannel, followChannels, type View } from './channels.ts';

export interface Prologue {
  /** The value at which the network starts. */
  readonly start: string;
  readonly channels: readonly AffineChannel[];
  /** The nodes after the prologue. */
  readonly nodes: readonly GraphNode[];
}

const IDENTITY: View = {
  channels: [0, 1, 2].map((source) => ({ source, factor: 1, offset: 0 })),
  flat: false,
};

/** Follows the input through all nodes that only map channels. */
export function readPrologue(graph: Graph): Prologue {
  const views = new Map<string, View>([[graph.input.name, IDENTITY]]);
  const behind: GraphNode[] = [];
  const exits = new Set<string>();
  for (const node of graph.nodes) {
    const view = followChannels(node, views, graph.constants);
    if (view) {
      views.set(node.outputs[0]!, view);
      continue;
    }
    behind.push(node);
    for (const name of node.inputs) if (views.has(name)) exits.add(name);
  }
  const [start = graph.input.name] = exits;
  const view = views.get(start);
  // Unless the prologue ends in one three-channel image, the matcher reports the difference.
  if (exits.size !== 1 || !view || view.flat || view.channels.length !== 3) {
    return { start: graph.input.name, channels: IDENTITY.channels, nodes: graph.nodes };
  }
  return { start, channels: view.channels, nodes: behind };
}
