import type { BatchRequest } from '../augment/batch.ts';
import type { Example } from '../dataset/dataset.ts';
import { derivedSeed, shuffled } from '../random/random.ts';

/** Purposes of seeds, so that no two draws are the same. */
const ORDER = 1;
const IMAGE = 2;

/**
 * The batches of an epoch: all examples in an order of its own, the rest that fills no batch left
 * out. Nothing but seed and epoch decides them, so a resumed run goes on as the first would have.
 */
export function epochBatches(
  examples: readonly Example[],
  { seed, batchSize }: { readonly seed: number; readonly batchSize: number },
  epoch: number,
  size: number,
): BatchRequest[] {
  const order = shuffled(
    examples.map((example, index) => ({ example, index })),
    derivedSeed(seed, ORDER, epoch),
  );
  const batches: BatchRequest[] = [];
  for (let first = 0; first + batchSize <= order.length; first += batchSize) {
    const part = order.slice(first, first + batchSize);
    batches.push({
      examples: part.map(({ example }) => example),
      seeds: part.map(({ index }) => derivedSeed(seed, IMAGE, epoch, index)),
      size,
    });
  }
  return batches;
}

/** All examples in their own order, the last batch filled up with the last example. */
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
