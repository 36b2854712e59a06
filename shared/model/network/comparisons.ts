/**
 * The savings of the network's design against AlexNet, naive modules and a fully connected head.
 * @module
 */
import { NetworkBuilder } from './builder.ts';
import { type Cost, layerCost, sumCosts } from './cost.ts';
import type { Network } from './googlenet.ts';
import { INCEPTION, type ModuleName, naiveInception } from './inception.ts';

/** AlexNet (Krizhevsky et al. 2012), figure 2; two groups in conv2, conv4 and conv5. */
const ALEXNET = [
  { kernel: 11 * 11 * 3, out: 96 },
  { kernel: 5 * 5 * (96 / 2), out: 256 },
  { kernel: 3 * 3 * 256, out: 384 },
  { kernel: 3 * 3 * (384 / 2), out: 384 },
  { kernel: 3 * 3 * (384 / 2), out: 256 },
  { kernel: 6 * 6 * 256, out: 4096 },
  { kernel: 4096, out: 4096 },
  { kernel: 4096, out: 1000 },
] as const;

/** Weights and biases of AlexNet with 1000 classes: 60,965,224. */
export const alexNetParameters = (): number =>
  ALEXNET.reduce((sum, { kernel, out }) => sum + (kernel + 1) * out, 0);

export interface ModuleComparison {
  readonly module: string;
  readonly inception: Cost;
  /** The naive module (no 1×1 reductions) on the same input. */
  readonly naive: Cost;
}

/** Each module of the network beside the naive one on the same input. */
export function compareModules(network: Network): ModuleComparison[] {
  return (Object.keys(INCEPTION) as ModuleName[]).map((name) => {
    const module = `inception${name}`;
    const layers = network.layers.filter((layer) => layer.name.startsWith(`${module}/`));
    const [height, width, channels] = layers[0]!.inputShape;
    const builder = new NetworkBuilder({ batchNorm: false });
    naiveInception(builder, builder.input(height, width, channels), name);
    return {
      module,
      inception: sumCosts(layers.map(layerCost)),
      naive: sumCosts(builder.layers.map(layerCost)),
    };
  });
}

/**
 * Weights of a fully connected layer of `units` on the last feature map, which global average
 * pooling replaces: 7 · 7 · 1024 · 1024 = 51.4 M.
 */
export function fullyConnectedWeights(network: Network, units = 1024): number {
  const head = network.layers.find(({ section }) => section === 'head')!;
  const [height, width, channels] = head.inputShape;
  return height * width * channels * units;
}

/**
 * The classic example of a 1×1 reduction: 5×5 → 48 channels on inception4a's 14×14×480 input,
 * directly and through 16 channels. Multiply-adds.
 */
export function reductionExample() {
  const positions = 14 * 14;
  const [from, through, to] = [480, 16, 48];
  const direct = positions * 5 * 5 * from * to;
  const reduce = positions * from * through;
  const expand = positions * 5 * 5 * through * to;
  return { direct, reduce, expand, reduced: reduce + expand };
}
