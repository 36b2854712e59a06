import { describe, expect, it } from 'vitest';
import { epochBatches, evaluationBatches } from './sampler.ts';

const examples = Array.from({ length: 10 }, (_, i) => ({ path: `${i}`, label: i % 3 }));
const options = { seed: 4, batchSize: 3 };
const order = (epoch: number, seed = 4) =>
  epochBatches(examples, { ...options, seed }, epoch, 96).flatMap((batch) =>
    batch.examples.map(({ path }) => path),
  );

describe('epochBatches', () => {
  it('has each image once, except those of a last batch that is not full', () => {
    expect(order(0)).toHaveLength(9);
    expect(new Set(order(0)).size).toBe(9);
  });

  it('depends only on seed and epoch', () => {
    expect(order(3)).toEqual(order(3));
    expect(order(3)).not.toEqual(order(4));
    expect(order(3)).not.toEqual(order(3, 5));
  });

  it('augments an image differently in each epoch', () => {
    const seedOf = (epoch: number, path: string) => {
      const batches = epochBatches(examples, { ...options, batchSize: 10 }, epoch, 96);
      const [{ examples: all, seeds }] = batches as [(typeof batches)[number]];
      return seeds[all.findIndex((example) => example.path === path)];
    };
    expect(seedOf(0, '7')).not.toBe(seedOf(1, '7'));
    expect(seedOf(1, '7')).toBe(seedOf(1, '7'));
  });
});

describe('evaluationBatches', () => {
  it('keeps the order and pads the last batch', () => {
    const batches = evaluationBatches(examples, 4, 224);
    expect(batches.map((batch) => batch.examples.map(({ path }) => path).join())).toEqual([
      '0,1,2,3',
      '4,5,6,7',
      '8,9,9,9',
    ]);
  });
});
