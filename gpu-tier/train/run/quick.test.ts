import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithTensorFlow } from '@hebb/test/graph/tensorflow';
import { writeImages } from '@hebb/test/train/images';
import { trainTools } from '@hebb/test/train/tools';
import { expect, it } from 'vitest';
import { readDataset } from '../dataset/read.ts';
import { RECIPES } from './config.ts';
import type { EpochLog } from './epoch-log.ts';
import { withHoldOut } from './hold-out.ts';
import { createRun } from './run-folder.ts';
import { fromScratch } from './start.ts';
import { runTraining } from './train.ts';

describeWithTensorFlow('the recipe quick', () => {
  it('learns three classes of stripes in 24 steps', async () => {
    const data = await mkdtemp(join(tmpdir(), 'hebb-stripes-'));
    await writeImages(data, { train: 16, val: 8 });
    const dataset = await readDataset(data);
    const config = {
      ...RECIPES.quick,
      name: 'stripes',
      data,
      epochs: 4,
      batchSize: 8,
      validateEvery: 4,
      cacheMb: 50,
    };
    const runs = await mkdtemp(join(tmpdir(), 'hebb-runs-'));
    const logs: EpochLog[] = [];
    await runTraining(
      await createRun(runs, config, dataset, new Date()),
      withHoldOut(dataset, config),
      fromScratch(config, dataset.classes.length),
      trainTools({ onEpoch: (log) => logs.push(log) }),
    );
    const [first, last] = [logs[0]!, logs.at(-1)!];
    expect(last.mainLoss).toBeLessThan(0.8 * first.mainLoss);
    expect(last.valTop1).toBeGreaterThan(0.8); // chance is a third

    for (const { gradientNorms, weightNorms } of logs) {
      expect(gradientNorms!.conv1).toBeGreaterThan(0);
      expect(Object.keys(gradientNorms!)).toEqual(Object.keys(weightNorms!));
    }
    const withFirst = logs.filter(({ firstGradientNorms }) => firstGradientNorms !== undefined);
    expect(withFirst.map(({ epoch }) => epoch)).toEqual([1]);
  }, 120_000);
});
