import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPackage } from '@hebb/packages/folder';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { writeImages } from '@hebb/test/train/images';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Dataset } from '../dataset/dataset.ts';
import { readDataset } from '../dataset/read.ts';
import { RECIPES } from './config.ts';
import type { EpochLog } from './epoch-log.ts';
import { runHead } from './head-run.ts';

let trunk: TestPackage;
let dataset: Dataset;
let cache: string;

beforeAll(async () => {
  const data = await mkdtemp(join(tmpdir(), 'hebb-stripes-'));
  await writeImages(data, { train: 12, val: 6 });
  dataset = await readDataset(data);
  cache = await mkdtemp(join(tmpdir(), 'hebb-features-'));
  trunk = await testPackage({ inputSize: 64 });
});
afterAll(() => trunk.remove());

/** Needs only WASM, not the native library. */
async function train(keepIn = cache) {
  const logs: EpochLog[] = [];
  const asked: string[] = [];
  const notKept: string[] = [];
  const head = await runHead({
    config: { ...RECIPES.transfer, name: 'stripes', data: '', inputSize: 64, epochs: 0 },
    dataset,
    source: await readPackage(trunk.dir),
    backend: { kind: 'wasm', reason: 'test' },
    cache: keepIn,
    onNotKept: ({ message }) => notKept.push(message),
    now: () => performance.now(),
    date: () => new Date(),
    onImages: (side) => () => {
      asked.push(side);
    },
    onEpoch: (log) => logs.push(log),
  });
  return { head, logs, asked, notKept };
}

it('trains a classifier on cached features of a trunk', async () => {
  const first = await train();
  expect(first.head.kernel.length).toBe(1024 * 3);
  expect(first.logs).toHaveLength(RECIPES.transfer.headEpochs);
  expect(first.logs.at(-1)!.valTop1).toBeGreaterThan(0.6); // three classes: chance is a third
  expect(await readdir(cache)).toHaveLength(2); // train and val

  const second = await train();
  expect(second.asked).toEqual([]); // no image was looked at
  expect(second.head).toEqual(first.head);
});

it('trains without the cache, and reports it, when the features cannot be written', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'hebb-no-cache-')), 'features');
  await writeFile(file, 'a file, not a folder');
  const { logs, notKept } = await train(file);
  expect(logs.at(-1)!.valRecall).toBeGreaterThan(0.6);
  expect(notKept).toEqual([
    expect.stringMatching(/features cannot be written: /),
    expect.stringMatching(/features cannot be written: /),
  ]);
});
