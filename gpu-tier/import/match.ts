/**
 * Lays a file's layers beside those of a GoogLeNet. Names play no part: a layer is who it is by
 * what it computes and what it is connected to.
 * @module
 */
import type { Network } from '../../shared/model/network/googlenet.ts';
import { compareLayer } from './compare.ts';
import { type Expected, expectedNetwork } from './expected.ts';
import type { Found } from './found.ts';
import { Mismatch, matchModule } from './match-module.ts';
import type { FoundNetwork } from './read-layers.ts';
import { describeLayer } from './words.ts';

export interface Match {
  readonly network: Network;
  /** The file's layer for each of the network's (dropout and an absent softmax have none). */
  readonly layers: ReadonlyMap<string, Found>;
  /** For each concat of the network, which of the file's inputs each of its own branches is. */
  readonly branches: ReadonlyMap<string, readonly number[]>;
}

/** Where a file stops being this network. */
export interface Difference {
  readonly network: Network;
  /** `after pool1: expected a 1×1 convolution 64→64, found …` */
  readonly message: string;
  /** How many layers fitted before. */
  readonly matched: number;
}

/** Compares a file's network with `network`, from the input on. */
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
        if (next.layer.kind === 'softmax') return; // the file leaves softmax to its reader
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
