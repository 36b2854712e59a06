import type { BatchRequest } from '../augment/batch.ts';
import type { Example } from '../dataset/dataset.ts';
import { derivedSeed, shuffled } from '../random/random.ts';

/** Purposes of derived seeds: each draw has its own. */
const ORDER = 1;
const IMAGE = 2;

/**
 * The batches of an epoch: all examples, shuffled by seed and epoch. A last batch that is not full is
 * dropped. Only seed and epoch decide them, so a resumed run sees the same batches.
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
