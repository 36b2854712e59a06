/**
 * The description that `hebb describe` shows: rows as in the paper's Table 1, each with its layers.
 * @module
 */
import {
  alexNetParameters,
  compareModules,
  fullyConnectedWeights,
  type ModuleComparison,
  reductionExample,
} from './comparisons.ts';
import {
  type Cost,
  type Depth,
  layerCost,
  moduleCount,
  networkCost,
  networkDepth,
  sumCosts,
} from './cost.ts';
import { googlenet, type Network } from './googlenet.ts';
import type { Layer, Shape } from './layer.ts';
import {
  PAPER_TABLE,
  type PaperRow,
  type Reading,
  readOperations,
  readParameters,
} from './paper.ts';
import { layerParameters } from './parameters.ts';
import { VARIANT_TITLES, VARIANTS } from './variant.ts';

export interface LayerDescription extends Cost {
  readonly name: string;
  readonly kind: Layer['kind'];
  /** Kernel and stride: `3×3/2`; empty for layers that have no window. */
  readonly window: string;
  readonly output: Shape;
}

export interface RowDescription extends Cost {
  /** `conv2`, `inception3a`, `aux1`. */
  readonly name: string;
  readonly output: Shape;
  /** Layers with weights on the longest path through the row. */
  readonly depth: number;
  readonly layers: readonly LayerDescription[];
  /** The row of Table 1, and the way of counting that gives its figures. */
  readonly paper?: PaperRow & { parametersRead?: Reading; operationsRead?: Reading };
}

export interface Description {
  readonly variant: string;
  readonly title: string;
  readonly classes: number;
  readonly inputSize: number;
  readonly rows: readonly RowDescription[];
  /** Of the network that runs at inference: without auxiliary heads. */
  readonly totals: Cost & Depth & { readonly modules: number };
  /** The auxiliary heads together, if the network was built with them. */
  readonly auxiliaryHeads?: Cost;
  readonly comparisons: {
    readonly alexNet: { readonly parameters: number; readonly ratio: number };
    /** The network with naive modules, whose channels grow from module to module. */
    readonly naiveNetwork: Cost;
    /** Empty when the network itself is the naive one. */
    readonly naiveModules: readonly ModuleComparison[];
    readonly fullyConnectedWeights: number;
    readonly reductionExample: ReturnType<typeof reductionExample>;
  };
}

/** Describes a network. */
export function describeNetwork(network: Network): Description {
  const { variant, classes, inputSize } = network.spec;
  const auxiliary = network.layers.filter(isAuxiliary);
  const main = { ...network, layers: network.layers.filter((layer) => !isAuxiliary(layer)) };
  const cost = networkCost(main);
  const { naive } = VARIANTS[variant];
  return {
    variant,
    title: VARIANT_TITLES[variant],
    classes,
    inputSize,
    rows: rowsOf(network),
    totals: { ...cost, ...networkDepth(main.layers), modules: moduleCount(main) },
    ...(auxiliary.length > 0 ? { auxiliaryHeads: sumCosts(auxiliary.map(layerCost)) } : {}),
    comparisons: {
      alexNet: { parameters: alexNetParameters(), ratio: alexNetParameters() / cost.parameters },
      naiveNetwork: networkCost(googlenet({ variant: 'naive', classes, inputSize })),
      naiveModules: naive ? [] : compareModules(network),
      fullyConnectedWeights: fullyConnectedWeights(network),
      reductionExample: reductionExample(),
    },
  };
}

const isAuxiliary = ({ section }: Layer): boolean => section === 'aux1' || section === 'aux2';

/** The row of the paper's table that a layer belongs to: a module is one row, and so is conv2. */
export const rowName = ({ name }: Pick<Layer, 'name'>): string =>
  name.replace(/_reduce$|\/.*$/, '');

/** Layers grouped by their rows. */
function rowsOf(network: Network): RowDescription[] {
  const groups = new Map<string, Layer[]>();
  for (const layer of network.layers) {
    const name = rowName(layer);
    if (layer.kind !== 'input') groups.set(name, [...(groups.get(name) ?? []), layer]);
  }
  return [...groups].map(([name, layers]) => describeRow(name, layers));
}

function describeRow(name: string, layers: readonly Layer[]): RowDescription {
  const cost = sumCosts(layers.map(layerCost));
  const printed = PAPER_TABLE[name];
  return {
    name,
    output: layers.at(-1)!.shape,
    depth: networkDepth(layers).weightLayers,
    ...cost,
    layers: layers.map(describeLayer),
    ...(printed ? { paper: readRow(printed, { ...cost, biases: countBiases(layers) }) } : {}),
  };
}

function readRow(printed: PaperRow, cost: Cost & { biases: number }) {
  const { parameters, operations } = printed;
  const parametersRead = parameters === undefined ? undefined : readParameters(parameters, cost);
  const operationsRead = operations === undefined ? undefined : readOperations(operations, cost);
  return {
    ...printed,
    ...(parametersRead ? { parametersRead } : {}),
    ...(operationsRead ? { operationsRead } : {}),
  };
}

const countBiases = (layers: readonly Layer[]): number =>
  layers
    .flatMap(layerParameters)
    .filter(({ trainable, shape }) => trainable && shape.length === 1)
    .reduce((sum, { shape }) => sum + shape[0]!, 0);

function describeLayer(layer: Layer): LayerDescription {
  const { name, kind, shape } = layer;
  return { name, kind, window: windowOf(layer), output: shape, ...layerCost(layer) };
}

/** Kernel and stride of a layer: `3×3/2`; empty for layers that have no window. */
export function windowOf(layer: Layer): string {
  switch (layer.kind) {
    case 'conv':
    case 'maxPool':
    case 'averagePool':
      return `${layer.size}×${layer.size}/${layer.stride}`;
    case 'globalAveragePool':
      return `${layer.inputShape[0]}×${layer.inputShape[1]}/1`;
    default:
      return '';
  }
}
