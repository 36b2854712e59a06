import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithTensorFlow } from '@hebb/test/graph/tensorflow';
import { bytesOf } from '@hebb/test/support/bytes-of';
import { writeImages } from '@hebb/test/train/images';
import { trainTools } from '@hebb/test/train/tools';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../dataset/dataset.ts';
import { readDataset } from '../dataset/read.ts';
import { RECIPES, type TrainConfig } from './config.ts';
import { isBetter, withHoldOut } from './hold-out.ts';
import { createRun, openRun } from './run-folder.ts';
import { fromScratch } from './start.ts';
import { type FirstState, runTraining } from './train.ts';

let data: string;
let dataset: Dataset;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'hebb-stripes-'));
  await writeImages(data, { train: 20, val: 4 });
  dataset = await readDataset(data);
});

describe('held-out images', () => {
  const options = { holdOut: 0.2, seed: 1, epochs: 3 };

  it('are a share of each class, the same ones each time', () => {
    const { train, holdOut, val } = withHoldOut(dataset, options);
    expect(holdOut.map(({ label }) => label).sort()).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
    expect(new Set([...train, ...holdOut])).toEqual(new Set(dataset.train));
    expect(val).toEqual(dataset.val);
    expect(withHoldOut(dataset, options).holdOut).toEqual(holdOut);
  });

  it('are a share of the images of each rare class when images have several labels', () => {
    // Every image shows class 0; each third one also shows class 1 or 2.
    const train = dataset.train.map((image, i) => {
      const labels = [0, ...[[], [1], [2]][i % 3]!];
      return { ...image, label: 0, labels };
    });
    const { holdOut } = withHoldOut({ ...dataset, train, multiLabel: true }, options);
    const shows = (label: number) => holdOut.filter(({ labels }) => labels!.includes(label));
    expect([shows(0).length, shows(1).length, shows(2).length]).toEqual([12, 4, 4]);
  });

  it('are none when only a classifier is trained', () => {
    expect(withHoldOut(dataset, { ...options, epochs: 0 }).train).toEqual(dataset.train);
  });

  it('decide by the images that are right, then by the loss, and never for a figure that is no number', () => {
    const best = { accuracy: 0.9, loss: 0.5 };
    expect(isBetter({ accuracy: 0.91, loss: 0.7 }, best)).toBe(true);
    expect(isBetter({ accuracy: 0.9, loss: 0.4 }, best)).toBe(true);
    expect(isBetter({ accuracy: 0.9, loss: 0.5 }, best)).toBe(false);
    expect(isBetter({ accuracy: Number.NaN, loss: Number.NaN }, best)).toBe(false);
    expect(isBetter({ accuracy: 0.9, loss: Number.NaN }, best)).toBe(false);
  });
});

describeWithTensorFlow('a run with held-out images', () => {
  const train = async (first: FirstState | undefined, changes: Partial<TrainConfig>) => {
    const config = {
      ...RECIPES.quick,
      name: 'stripes',
      data,
      epochs: 4,
      batchSize: 8,
      validateEvery: 1,
      cacheMb: 50,
      holdOut: 0.2,
      ...changes,
    };
    const { dir } = await createRun(
      await mkdtemp(join(tmpdir(), 'hebb-runs-')),
      ...([config, dataset, new Date()] as const),
    );
    const start = first ?? fromScratch(config, dataset.classes.length);
    const run = async (stopAfter = Number.POSITIVE_INFINITY) => {
      return await runTraining(
        await openRun(dir),
        withHoldOut(dataset, config),
        start,
        trainTools({ stopAfter }),
      );
    };
    return { run, preprocessing: start.preprocessing };
  };

  it('keeps the first state when every epoch makes it worse, also after a stop', async () => {
    const good = await train(undefined, {});
    const { state, best } = await good.run();
    expect(best!.score.accuracy).toBeGreaterThan(0.8); // chance is a third

    const weights = new Map([...state].filter(([name]) => !/^(adam|average)/.test(name)));
    for (const [name, values] of state) {
      if (name.startsWith('average/')) weights.set(name.slice('average/'.length), values);
    }
    const first = { preprocessing: good.preprocessing, state: weights };
    // The first state is that of a classifier that was trained alone.
    const alone = { headEpochs: 1 };
    const bad = await train(first, {
      ...alone,
      epochs: 2,
      optimizer: 'sgd',
      rate: 1,
      average: 0,
      warmup: 0,
    });
    expect((await bad.run(2)).finished).toBe(false);
    const ended = await bad.run();
    expect(ended.best!.epoch).toBe(0);
    for (const [name, values] of weights) {
      expect(bytesOf(ended.state.get(name)!).equals(bytesOf(values)), name).toBe(true);
    }
  }, 180_000);
});
