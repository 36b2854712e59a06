/**
 * Matches the layers of a file with those of a GoogLeNet, by what they compute and how they are connected;
 * names do not matter.
 * @module
 */
import type { Network } from '@hebb/model/network/googlenet';
import type { Layer } from '@hebb/model/network/layer';
import { compareLayer } from './compare.ts';
import type { Found } from './found.ts';
import type { FoundNetwork } from './read-layers.ts';
import { describeFound, describeLayer } from './words.ts';

export interface Match {
  readonly network: Network;
  /** The file's layer for each layer of the network, except dropout and a missing softmax. */
  readonly layers: ReadonlyMap<string, Found>;
  /** For each concat of the network, the index of each branch among the inputs of the file's concat. */
  readonly branches: ReadonlyMap<string, readonly number[]>;
}

/** The first difference between a file and a network. */
export interface Difference {
  readonly network: Network;
  /** `after pool1: expected a 1×1 convolution 64→64, found …` */
  readonly message: string;
  /** Number of layers that matched before it. */
  readonly matched: number;
}

/** A layer of the expected network, with the layers that read it. */
interface Expected {
  readonly layer: Layer;
  readonly consumers: Expected[];
}

/** The network as a graph that starts at its input, without dropout, which ONNX files omit. */
function expectedNetwork(network: Network): Expected {
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

/** Compares a file's network with `network`, starting at the input. */
export function matchNetwork(network: Network, file: FoundNetwork): Match | Difference {
  const layers = new Map<string, Found>();
  const branches = new Map<string, readonly number[]>();
  try {
    walk(expectedNetwork(network), file, layers, branches);
  } catch (mismatch) {
    if (!(mismatch instanceof Mismatch)) throw mismatch;
    return { network, message: mismatch.message, matched: layers.size };
  }
  return { network, layers, branches };
}

function walk(
  input: Expected,
  file: FoundNetwork,
  layers: Map<string, Found>,
  branches: Map<string, readonly number[]>,
): void {
  let [expected, found]: [Expected, Found] = [input, file.input];
  layers.set(expected.layer.name, found);
  while (expected.consumers.length > 0) {
    const after = expected.layer.name;
    const next = expected.consumers[0]!;
    if (expected.consumers.length > 1) {
      const concat = matchModule(expected, found, layers);
      branches.set(concat.expected.layer.name, concat.order);
      [expected, found] = [concat.expected, concat.found];
    } else {
      if (found === file.output) {
        if (next.layer.kind === 'softmax') return; // the file ends in logits
        throw new Mismatch(`after ${after}: expected ${describeLayer(next.layer)}, found the end`);
      }
      const [consumer, second]: readonly Found[] = found.consumers;
      if (!consumer || second) throw new Mismatch(branching(after, next, found));
      const difference = compareLayer(next.layer, consumer);
      if (difference) throw new Mismatch(`after ${after}: ${difference}`);
      [expected, found] = [next, consumer];
    }
    layers.set(expected.layer.name, found);
  }
  if (found !== file.output) {
    throw new Mismatch(`after ${expected.layer.name}: expected the end, found more after it`);
  }
}

function branching(after: string, next: Expected, found: Found): string {
  const readers = found.consumers
    .map(({ label }) => label)
    .slice(0, 3)
    .join(', ');
  return `after ${after}: expected ${describeLayer(next.layer)} alone, found ${found.consumers.length} branches (${readers})`;
}

/** Thrown and caught inside `matchNetwork`: the first difference ends the comparison. */
class Mismatch {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** A path from a branching point to the concat that joins the branches. */
interface Chain<T> {
  readonly layers: readonly T[];
  readonly end: T | undefined;
}

/** Matches the branches between `from` and the next concat, in any order. */
function matchModule(from: Expected, found: Found, layers: Map<string, Found>) {
  const after = from.layer.name;
  const [count, branches] = [from.consumers.length, found.consumers.length];
  if (branches !== count) {
    const what = branches === 1 ? describeFound(found.consumers[0]!) : `${branches}`;
    throw new Mismatch(`after ${after}: expected ${count} branches, found ${what}`);
  }
  const wanted = from.consumers.map((consumer) => chain(consumer, (node) => node.layer.kind));
  const present = found.consumers.map((consumer) => chain(consumer, (layer) => layer.kind));
  const expectedEnd = wanted[0]!.end!;
  const end = present[0]!.end;
  const joins = end?.kind === 'concat' && present.every((branch) => branch.end === end);
  if (!joins || end.inputs.length !== count) {
    throw new Mismatch(`after ${after}: its ${count} branches do not end in one Concat`);
  }
  const order: number[] = [];
  const free = new Set(present);
  for (const branch of wanted) {
    const fitting = [...free].find((candidate) => !chainDifference(branch, candidate));
    if (!fitting) throw new Mismatch(closest(branch, [...free], after));
    free.delete(fitting);
    for (const [i, { layer }] of branch.layers.entries()) {
      layers.set(layer.name, fitting.layers[i]!);
    }
    order.push(end.inputs.indexOf(fitting.layers.at(-1)!));
  }
  return { expected: expectedEnd, found: end, order };
}

function chain<T extends { readonly consumers: readonly T[] }>(
  first: T,
  kind: (node: T) => string,
): Chain<T> {
  const layers: T[] = [];
  let node: T | undefined = first;
  while (node && kind(node) !== 'concat') {
    layers.push(node);
    node = node.consumers.length === 1 ? node.consumers[0] : undefined;
  }
  return { layers, end: node };
}

/** The first difference of two chains, and the number of equal layers before it. */
function chainDifference(branch: Chain<Expected>, candidate: Chain<Found>) {
  for (const [i, { layer }] of branch.layers.entries()) {
    const found = candidate.layers[i];
    const message = found
      ? compareLayer(layer, found)
      : `expected ${describeLayer(layer)}, found the end of the branch`;
    if (message) return { alike: i, message };
  }
  const extra = candidate.layers[branch.layers.length];
  if (!extra) return undefined;
  return { alike: branch.layers.length, message: `one layer too many: ${describeFound(extra)}` };
}

/** Describes the difference to the most similar branch. */
function closest(branch: Chain<Expected>, free: readonly Chain<Found>[], after: string): string {
  const name = branch.layers.at(-1)!.layer.name;
  const differences = free.map((candidate) => chainDifference(branch, candidate)!);
  const best = differences.sort((a, b) => b.alike - a.alike)[0]!;
  return `after ${after}, no branch is ${name}: ${best.message}`;
}
