import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithTensorFlow } from '@hebb/test/graph/tensorflow';
import { bytesOf } from '@hebb/test/support/bytes-of';
import { writeImages } from '@hebb/test/train/images';
import { trainTools } from '@hebb/test/train/tools';
import { beforeAll, expect, it } from 'vitest';
import type { Dataset } from '../dataset/dataset.ts';
import { readDataset } from '../dataset/read.ts';
import { RECIPES, type TrainConfig } from './config.ts';
import { withHoldOut } from './hold-out.ts';
import type { LoopResult } from './loop.ts';
import { createRun, openRun, type RunFolder } from './run-folder.ts';
import { fromScratch } from './start.ts';
import { runTraining } from './train.ts';

/**
 * Two sizes, both auxiliary heads, mixup, averages, balanced sampling: everything that has state or draws
 * random numbers.
 */
const CONFIG: Omit<TrainConfig, 'data'> = {
  ...RECIPES.modern,
  name: 'stripes',
  epochs: 2,
  batchSize: 4,
  inputSize: 64,
  validateEvery: 1,
  balance: 'sampling',
  rate: 0.02,
  sizes: [
    [0.5, 64],
    [1, 72],
  ],
  precision: 'f32',
  cacheMb: 50,
};
const STEPS = 4; // an epoch: 18 images, two of which fill no batch

/** Steps after which a run stops. A run takes seconds to start, so `npm run test:all` tests more of them. */
const STOPS: readonly { after: readonly number[]; where: string }[] = [
  { after: [2], where: 'in the middle of an epoch' },
  ...(process.env.HEBB_TEST_ALL === '1'
    ? [{ after: [STEPS, STEPS + 3], where: 'where the image size changes, and in the last epoch' }]
    : []),
];

let data: string;
let dataset: Dataset;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'hebb-stripes-'));
  await writeImages(data, { train: 6, val: 2 });
  dataset = await readDataset(data);
});

describeWithTensorFlow('a run that was stopped', () => {
  let expected: LoopResult;
  beforeAll(async () => {
    expected = await train(await newRun(), Number.POSITIVE_INFINITY);
    expect(expected.finished).toBe(true);
  }, 180_000);

  it.each(STOPS)(
    '$where goes on bit for bit as if it had not been',
    async ({ after }) => {
      const { dir } = await newRun();
      const counter = { steps: 0 };
      for (const stopAfter of after) {
        const stopped = await train(await openRun(dir), stopAfter, counter);
        expect(stopped.finished).toBe(false);
      }
      const resumed = await train(await openRun(dir), Number.POSITIVE_INFINITY);
      expect(resumed.finished).toBe(true);

      for (const [name, values] of expected.state) {
        expect(bytesOf(resumed.state.get(name)!).equals(bytesOf(values)), name).toBe(true);
      }
      const log = (await readFile(join(dir, 'log.jsonl'), 'utf8')).trim().split('\n');
      expect(log.map((line) => JSON.parse(line).epoch)).toEqual([1, 2]);
    },
    180_000,
  );
});

const newRun = async (): Promise<RunFolder> => {
  const runs = await mkdtemp(join(tmpdir(), 'hebb-runs-'));
  return createRun(runs, { ...CONFIG, data }, dataset, new Date());
};

/** Trains until the run has that many steps in total, earlier sessions included. */
async function train(
  run: RunFolder,
  stopAfter: number,
  counter = { steps: 0 },
): Promise<LoopResult> {
  const { config } = run.record;
  return runTraining(
    run,
    withHoldOut(dataset, config),
    fromScratch(config, dataset.classes.length),
    trainTools({ stopAfter, counter }),
  );
}
