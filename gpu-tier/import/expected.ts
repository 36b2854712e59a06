import type { Network } from '../../shared/model/network/googlenet.ts';
import type { Layer } from '../../shared/model/network/layer.ts';

/** A layer of the network that is looked for, with the layers that read it. */
export interface Expected {
  readonly layer: Layer;
  readonly consumers: Expected[];
}

/** The network as a graph that starts at its input; dropout is left out, as in the files. */
export function expectedNetwork(network: Network): Expected {
  const nodes = new Map<string, Expected>();
  for (const layer of network.layers) {
    if (layer.kind === 'dropout') {
      nodes.set(layer.name, nodes.get(layer.inputs[0]!)!);
      continue;
    }
    const node: Expected = { layer, consumers: [] };
    nodes.set(layer.name, node);
    for (const name of layer.inputs) nodes.get(name)!.consumers.push(node);
  }
  return nodes.get(network.layers[0]!.name)!;
}
