import type { BatchRequest } from '../augment/batch.ts';
import type { Example } from '../dataset/dataset.ts';
import { derivedSeed, shuffled } from '../random/random.ts';
import { type Balance, balancedOrder } from './balance.ts';

/** Purposes of derived seeds: each draw has its own. */
const ORDER = 1;
const IMAGE = 2;

interface SamplerOptions {
  readonly seed: number;
  readonly batchSize: number;
  /** `sampling`: each class equally often, instead of each image once. */
  readonly balance?: Balance;
}

/**
 * The batches of an epoch: all examples, shuffled by seed and epoch. A last batch that is not full is
 * dropped. Only seed and epoch decide them, so a resumed run sees the same batches.
 */
export function epochBatches(
  examples: readonly Example[],
  { seed, batchSize, balance }: SamplerOptions,
  epoch: number,
  size: number,
): BatchRequest[] {
  const steps = Math.floor(examples.length / batchSize);
  const labels = examples.map(({ label }) => label);
  const order =
    balance === 'sampling'
      ? balancedOrder(labels, steps * batchSize, seed, epoch)
      : shuffled([...examples.keys()], derivedSeed(seed, ORDER, epoch));
  const seeds = imageSeeds(order, seed, epoch);
  return Array.from({ length: steps }, (_, step) => {
    const [first, end] = [step * batchSize, (step + 1) * batchSize];
    const part = order.slice(first, end).map((index) => examples[index]!);
    return { examples: part, seeds: seeds.slice(first, end), size };
  });
}

/** The seeds of the draws of an epoch; an image that is drawn again is augmented differently. */
function imageSeeds(order: readonly number[], seed: number, epoch: number): number[] {
  const times = new Map<number, number>();
  return order.map((index) => {
    const before = times.get(index) ?? 0;
    times.set(index, before + 1);
    return before === 0
      ? derivedSeed(seed, IMAGE, epoch, index)
      : derivedSeed(seed, IMAGE, epoch, index, before);
  });
}

/** All examples in order; the last batch is padded with the last example. */
export function evaluationBatches(
  examples: readonly Example[],
  batchSize: number,
  size: number,
): BatchRequest[] {
  const batches: BatchRequest[] = [];
  for (let first = 0; first < examples.length; first += batchSize) {
    const part = examples.slice(first, first + batchSize);
    while (part.length < batchSize) part.push(examples.at(-1)!);
    batches.push({ examples: part, seeds: part.map(() => 0), size });
  }
  return batches;
}
