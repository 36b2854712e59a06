/**
 * Matches one inception module: branches are told apart by what they compute.
 * @module
 */
import { compareLayer } from './compare.ts';
import type { Expected } from './expected.ts';
import type { Found } from './found.ts';
import { describeFound, describeLayer } from './words.ts';

/** Thrown inside the walk only: the first difference ends it. */
export class Mismatch {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** A path from a branching point to the layer that joins the branches again. */
interface Chain<T> {
  readonly layers: readonly T[];
  readonly end: T | undefined;
}

/** Matches the branches between `from` and the concat behind it, in whatever order they come. */
export function matchModule(from: Expected, found: Found, layers: Map<string, Found>) {
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

/** The first difference of two chains, and how many layers are alike before it. */
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

/** Tells the difference to the branch that comes nearest. */
function closest(branch: Chain<Expected>, free: readonly Chain<Found>[], after: string): string {
  const name = branch.layers.at(-1)!.layer.name;
  const differences = free.map((candidate) => chainDifference(branch, candidate)!);
  const best = differences.sort((a, b) => b.alike - a.alike)[0]!;
  return `after ${after}, no branch is ${name}: ${best.message}`;
}
