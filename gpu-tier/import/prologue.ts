/**
 * What a file does to its input before the first convolution. torchvision's GoogLeNet turns one
 * normalisation into another there (`transform_input`: Gather, Unsqueeze, Mul, Add per channel, then
 * Concat); others subtract a mean or swap channels. Whatever is an affine map of each channel
 * becomes part of the package's preprocessing, and the network starts behind it.
 * @module
 */
import type { Graph, GraphNode } from '../onnx/graph.ts';
import { type AffineChannel, followChannels, type View } from './channels.ts';

export interface Prologue {
  /** The value at which the network starts. */
  readonly start: string;
  readonly channels: readonly AffineChannel[];
  /** The nodes behind the prologue. */
  readonly nodes: readonly GraphNode[];
}

const IDENTITY: View = {
  channels: [0, 1, 2].map((source) => ({ source, factor: 1, offset: 0 })),
  flat: false,
};

/** Follows the input as far as it is only mapped channel by channel. */
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
  // Anything but one whole image at the exit is not ours to interpret: the matcher reports it.
  if (exits.size !== 1 || !view || view.flat || view.channels.length !== 3) {
    return { start: graph.input.name, channels: IDENTITY.channels, nodes: graph.nodes };
  }
  return { start, channels: view.channels, nodes: behind };
}
