import { expect, it } from 'vitest';
import type { BatchItem } from '../batch/item.ts';
import { groups } from './groups.ts';

/** No group is yielded because of the timeout. */
const LIMITS = { images: 3, first: 2, bytes: 1000, idleMs: 600_000 };

const image = (index: number, bytes = 10): BatchItem => ({ index, image: new Uint8Array(bytes) });

async function* items(list: readonly BatchItem[], error?: Error) {
  yield* list;
  if (error) throw error;
}

/** Indices of each group, and the error thrown after them. */
async function grouped(source: AsyncIterable<BatchItem>) {
  const indices: number[][] = [];
  try {
    for await (const group of groups(source, LIMITS)) indices.push(group.map((h) => h.item.index));
  } catch (error) {
    return { indices, error };
  }
  return { indices };
}

it('start with a smaller group, then full ones, then the rest', async () => {
  const six = Array.from({ length: 6 }, (_, i) => image(i));
  expect(await grouped(items(six))).toEqual({ indices: [[0, 1], [2, 3, 4], [5]] });
});

it('put a large image into a group of its own', async () => {
  const list = [image(0), image(1, 2000), image(2)];
  expect(await grouped(items(list))).toEqual({ indices: [[0], [1], [2]] });
});

it('yield the images before an error, then throw it', async () => {
  const error = new Error('broken off');
  const list = [image(0), image(1), image(2)];
  expect(await grouped(items(list, error))).toEqual({ indices: [[0, 1], [2]], error });
  expect(await grouped(items([], error))).toEqual({ indices: [], error });
});
