import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readPackage } from '@hebb/packages/folder';
import { testPackage } from '@hebb/test/support/package-folder';
import { temporaryFolder } from '@hebb/test/support/temporary';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { checkDataset } from '../dataset/checks/check.ts';
import { readDataset } from '../dataset/read.ts';
import { seededNormal } from '../random/random.ts';
import { type Balance, balancedOrder, classBalances, classWeights } from './balance.ts';
import { RECIPES } from './config.ts';
import type { EpochLog } from './epoch-log.ts';
import { runHead } from './head-run.ts';
import { epochBatches } from './sampler.ts';

const CONFIG = {
  ...RECIPES.transfer,
  name: 'stripes',
  data: '',
  inputSize: 32,
  epochs: 0,
  headEpochs: 10,
};

/** 12 items of class 0, 3 of class 1, 2 of class 2. */
const LABELS = [...Array<number>(12).fill(0), 1, 1, 1, 2, 2];

const countsOf = (items: readonly number[]) => {
  const counts = [0, 0, 0];
  for (const item of items) counts[LABELS[item]!]!++;
  return counts;
};

describe('classWeights', () => {
  it('are inverse frequencies with a mean of 1 over the images', () => {
    const weights = classWeights(LABELS, 3);
    expect(weights[1]! / weights[0]!).toBeCloseTo(12 / 3);
    expect(weights[2]! / weights[0]!).toBeCloseTo(12 / 2);
    const mean = LABELS.reduce((sum, label) => sum + weights[label]!, 0) / LABELS.length;
    expect(mean).toBeCloseTo(1);
  });

  it('are 1 for equal classes, and 0 for a class without images', () => {
    expect([...classWeights([0, 1, 2, 2, 1, 0], 3)]).toEqual([1, 1, 1]);
    expect(classWeights([0, 0, 1, 1], 3)[2]).toBe(0);
  });
});

describe('classBalances', () => {
  it('give the images of a class and the others half of the loss each, with a mean of 1', () => {
    const [rare, every, never] = classBalances([[0, 1], [1], [1], [1]], 3);
    expect(rare!.shown).toBeCloseTo(2);
    expect(rare!.shown * 0.25).toBeCloseTo(rare!.absent * 0.75);
    expect(rare!.shown * 0.25 + rare!.absent * 0.75).toBeCloseTo(1);
    expect([every, never]).toEqual(Array(2).fill({ shown: 1, absent: 1 }));
  });
});

describe('balancedOrder', () => {
  it('draws each class equally often, to within one, in every epoch', () => {
    for (let epoch = 0; epoch < 5; epoch++) {
      const counts = countsOf(balancedOrder(LABELS, 17, 7, epoch));
      expect(counts.reduce((a, b) => a + b)).toBe(17);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }
  });

  it('draws every image of a large class in the course of the epochs, and none twice before that', () => {
    const drawn = [0, 1].flatMap((epoch) =>
      balancedOrder(LABELS, 18, 7, epoch).filter((item) => LABELS[item] === 0),
    );
    expect(drawn).toHaveLength(12); // six in each epoch
    expect(new Set(drawn).size).toBeGreaterThanOrEqual(11); // an epoch may skip the last of its share
  });

  it('depends only on seed and epoch', () => {
    expect(balancedOrder(LABELS, 17, 7, 3)).toEqual(balancedOrder(LABELS, 17, 7, 3));
    expect(balancedOrder(LABELS, 17, 7, 3)).not.toEqual(balancedOrder(LABELS, 17, 7, 4));
    expect(balancedOrder(LABELS, 17, 7, 3)).not.toEqual(balancedOrder(LABELS, 17, 8, 3));
  });
});

describe('epochBatches with --balance sampling', () => {
  const examples = LABELS.map((label, i) => ({ path: `${i}`, label }));
  const batches = epochBatches(examples, { seed: 3, batchSize: 8, balance: 'sampling' }, 0, 96);

  it('has as many batches as without, with equal classes', () => {
    expect(batches.map((batch) => batch.examples.length)).toEqual([8, 8]);
    const labels = batches.flatMap((batch) => batch.examples.map(({ label }) => label));
    expect([0, 1, 2].map((c) => labels.filter((label) => label === c).length).sort()).toEqual([
      5, 5, 6,
    ]);
  });

  it('augments an image that is drawn again differently', () => {
    const draws = batches.flatMap((batch) =>
      batch.examples.map(({ path }, i) => `${path} ${batch.seeds[i]}`),
    );
    expect(new Set(draws).size).toBe(draws.length);
  });
});

describe('on images of unequal classes', () => {
  it('hebb data check suggests it, and both ways raise the mean recall', async () => {
    const root = await temporaryFolder();
    await writeShades(join(root, 'train', 'dark'), 100, 120, 1);
    await writeShades(join(root, 'train', 'light'), 140, 10, 2);
    await writeShades(join(root, 'val', 'dark'), 100, 60, 3);
    await writeShades(join(root, 'val', 'light'), 140, 60, 4);
    const { findings } = await checkDataset(root);
    expect(findings.find(({ kind }) => kind === 'unbalanced')?.message).toBe(
      'dark has 120 images to train on, light has 10: train with --balance weights',
    );

    const trunk = await testPackage({ inputSize: 32 });
    const cache = await temporaryFolder();
    const dataset = await readDataset(root);
    const recallsWith = async (balance: Balance) => {
      const logs: EpochLog[] = [];
      await runHead({
        config: { ...CONFIG, balance },
        dataset,
        source: await readPackage(trunk.dir),
        backend: { kind: 'wasm', reason: 'test' },
        cache,
        now: () => performance.now(),
        date: () => new Date(),
        onImages: () => () => {},
        onEpoch: (log) => logs.push(log),
      });
      const { valRecall, valRecalls } = logs.at(-1)!;
      const mean = valRecalls!.reduce<number>((sum, recall) => sum + recall! / 2, 0);
      expect(mean).toBeCloseTo(valRecall!, 3);
      return valRecall!;
    };
    try {
      const none = await recallsWith('none');
      const weights = await recallsWith('weights');
      const sampling = await recallsWith('sampling');
      expect(weights).toBeGreaterThan(none + 0.05);
      expect(sampling).toBeGreaterThan(none + 0.05);
    } finally {
      await trunk.remove();
    }
  }, 120_000);
});

/** Images of one grey each, spread around `mean`: the greys of two classes overlap. */
async function writeShades(dir: string, mean: number, count: number, seed: number): Promise<void> {
  const normal = seededNormal(seed);
  await mkdir(dir, { recursive: true });
  for (let i = 0; i < count; i++) {
    const grey = Math.round(mean + 30 * normal());
    const background = { r: grey, g: grey, b: grey };
    const image = sharp({ create: { width: 40, height: 40, channels: 3, background } });
    await image.png().toFile(join(dir, `${i}.png`));
  }
}
