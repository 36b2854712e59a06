/**
 * The cost of a network: parameters and multiply-adds, layer by layer.
 * @module
 */
import type { Network } from './googlenet.ts';
import type { Layer } from './layer.ts';
import { layerParameters } from './parameters.ts';

export interface Cost {
  /** Trainable numbers: kernels and biases, with batch norm its gamma and beta. */
  readonly parameters: number;
  /**
   * Multiply-adds of one image in convolutions and linear layers. Pooling, LRN, batch norm
   * (which is folded) and biases are not counted, as in the paper.
   */
  readonly multiplyAdds: number;
}

export function layerCost(layer: Layer): Cost {
  const parameters = layerParameters(layer)
    .filter(({ trainable }) => trainable)
    .reduce((sum, { shape }) => sum + product(shape), 0);
  return { parameters, multiplyAdds: multiplyAdds(layer) };
}

function multiplyAdds(layer: Layer): number {
  const kernel = layerParameters(layer)[0];
  if (!kernel) return 0;
  const positions = layer.kind === 'conv' ? layer.shape[0] * layer.shape[1] : 1;
  return positions * product(kernel.shape);
}

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export const sumCosts = (costs: readonly Cost[]): Cost => ({
  parameters: costs.reduce((sum, { parameters }) => sum + parameters, 0),
  multiplyAdds: costs.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0),
});

export const networkCost = (network: Network): Cost => sumCosts(network.layers.map(layerCost));

/**
 * Layers on the longest path from input to output: with weights (the paper's 22), and with
 * pooling as well (its 27). Branches that end before the last layer (auxiliary heads) do not count.
 */
export function networkDepth(layers: readonly Layer[]): Depth {
  const hasWeights = ({ kind }: Layer) => kind === 'conv' || kind === 'linear';
  const pools = ({ kind }: Layer) => kind === 'maxPool' || kind === 'globalAveragePool';
  return {
    weightLayers: longestPath(layers, hasWeights),
    withPooling: longestPath(layers, (layer) => hasWeights(layer) || pools(layer)),
  };
}

export interface Depth {
  readonly weightLayers: number;
  readonly withPooling: number;
}

function longestPath(layers: readonly Layer[], counts: (layer: Layer) => boolean): number {
  const depths = new Map<string, number>();
  let depth = 0;
  for (const layer of layers) {
    const before = Math.max(0, ...layer.inputs.map((name) => depths.get(name) ?? 0));
    depth = before + (counts(layer) ? 1 : 0);
    depths.set(layer.name, depth);
  }
  return depth;
}

/** Inception modules of a network. */
export const moduleCount = (network: Network): number =>
  network.layers.filter(({ kind }) => kind === 'concat').length;
