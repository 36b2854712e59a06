import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithTensorFlow } from '@hebb/test/graph/tensorflow';
import { writeImages } from '@hebb/test/train/images';
import { trainTools } from '@hebb/test/train/tools';
import { describe, expect, it } from 'vitest';
import { readDataset } from '../dataset/read.ts';
import { measure } from '../evaluate/metrics.ts';
import { readEpochs } from '../report/run-report.ts';
import { RECIPES } from './config.ts';
import { checkBetterThanChance, checkLoss, checkRankingBetterThanChance } from './divergence.ts';
import { evaluateHead } from './head.ts';
import { withHoldOut } from './hold-out.ts';
import { createRun } from './run-folder.ts';
import { fromScratch } from './start.ts';
import { runTraining } from './train.ts';
import { validate } from './validate.ts';

const GENTLE = { rate: 0.1, clipNorm: 5 };

describeWithTensorFlow('a rate of 100', () => {
  it('ends the run when the loss explodes, and suggests a smaller rate', async () => {
    const data = await mkdtemp(join(tmpdir(), 'hebb-stripes-'));
    await writeImages(data, { train: 8, val: 2 });
    const dataset = await readDataset(data);
    const config = {
      ...RECIPES.quick,
      name: 'stripes',
      data,
      epochs: 4,
      batchSize: 8,
      cacheMb: 50,
      precision: 'f32' as const,
      optimizer: 'sgd' as const,
      rate: 100,
      clipNorm: 0,
    };
    const run = await createRun(
      await mkdtemp(join(tmpdir(), 'hebb-runs-')),
      ...([config, dataset, new Date()] as const),
    );
    const training = runTraining(
      run,
      withHoldOut(dataset, config),
      fromScratch(config, dataset.classes.length),
      trainTools(),
    );
    await expect(training).rejects.toMatchObject({
      code: 'training_diverged',
      message: expect.stringMatching(
        /^The training loss is \d\.\d\de\+\d+ at step \d+; guessing has 1\.10\.$/,
      ),
      hint: 'Start again with a smaller rate, such as --rate 10, and with --clip-norm 5.',
    });
    const log = await readFile(join(run.dir, 'log.jsonl'), 'utf8').catch(() => '');
    expect(log).not.toContain('null');
  }, 120_000);
});

describe('a training loss', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, 7e8])('of %d ends the run', (loss) => {
    expect(() => checkLoss(loss, Math.log(3), 12, GENTLE)).toThrow(/ at step 12/);
  });

  it('in the phase for int8 leads to its own rate', () => {
    expect(() => checkLoss(Number.NaN, Math.log(3), 12, { ...GENTLE, int8: true })).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('--qat-rate 0.01') }),
    );
  });

  it('of many times guessing does not end the run', () => {
    checkLoss(78, Math.log(3), 12, GENTLE);
  });
});

describe('probabilities that are not finite', () => {
  const probabilities = Float32Array.of(Number.NaN, Number.NaN, Number.NaN);

  it('end a run in validation', async () => {
    const data = await mkdtemp(join(tmpdir(), 'hebb-stripes-'));
    await writeImages(data, { train: 1, val: 1 });
    const dataset = await readDataset(data);
    const pixels = new Uint8Array(3 * 64 * 64 * 3);
    const batch = { pixels, labels: Int32Array.of(0, 1, 2), size: 64 };
    const validation = validate(
      { evaluate: () => Float32Array.from({ length: 9 }, () => Number.NaN) },
      {
        config: { batchSize: 3, inputSize: 64, ...GENTLE },
        dataset,
        pipelines: {
          val: {
            async *batches() {
              yield batch;
            },
            close: async () => {},
          },
        },
      },
    );
    await expect(validation).rejects.toMatchObject({
      code: 'training_diverged',
      hint: 'Start again with a smaller rate, such as --rate 0.01.',
    });
  });

  it('end the training of a classifier', () => {
    const features = { data: new Float32Array(2), labels: Int32Array.of(0), views: 1, width: 2 };
    const kernel = Float32Array.of(Number.NaN, 0, 0, 0);
    expect(() => evaluateHead(features, { kernel, bias: new Float32Array(2) }, 2)).toThrow(
      'probabilities are not finite',
    );
  });

  it('cannot be measured', () => {
    expect(() => measure({ classes: 3, labels: Int32Array.of(0), probabilities })).toThrow(
      'The model’s probabilities are not finite.',
    );
  });

  it('are not the best epoch of a log, where JSON wrote null', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'hebb-log-'));
    const file = join(dir, 'log.jsonl');
    await writeFile(
      file,
      '{"epoch":1,"loss":1,"valLoss":0.9,"valTop1":0.5,"valTop5":1}\n{"epoch":2,"loss":7e8,"valLoss":null,"valTop1":1,"valTop5":1}\n',
    );
    expect((await readEpochs(file)).map(({ valTop1 }) => valTop1)).toEqual([0.5, undefined]);
  });
});

describe('a result', () => {
  const classes = ['a', 'b'];
  const val = (...counts: number[]) =>
    counts.flatMap((n, label) =>
      Array.from({ length: n }, (_, i) => ({ path: `${label}/${i}`, label, sha256: '' })),
    );

  it('is refused when it always names one class, even a frequent one', () => {
    // 90 of 100 images are correct, but the mean recall is one half.
    expect(() => checkBetterThanChance(0.5, { classes, val: val(90, 10) })).toThrow(
      'finds 50.0 % of a class’s validation images; guessing finds 50.0 %',
    );
  });

  it('is refused when chance explains it and there are enough images', () => {
    expect(() => checkBetterThanChance(0.55, { classes, val: val(60, 60) })).toThrow();
    checkBetterThanChance(0.65, { classes, val: val(60, 60) });
    checkBetterThanChance(0.55, { classes, val: val(10, 10) });
  });

  it('is compared with guessing among all classes when only one has validation images', () => {
    checkBetterThanChance(0.8, { classes, val: val(5) });
    expect(() => checkBetterThanChance(0.4, { classes, val: val(5) })).toThrow();
  });
});

describe('mean average precision no better than chance', () => {
  /** n images, a fifth of which show class 0, and a tenth class 1. */
  const data = (n: number) => ({
    classes: ['a', 'b', 'nowhere'],
    val: Array.from({ length: n }, (_, i) => ({
      path: `${i}`,
      sha256: `${i}`,
      label: -1,
      labels: [...(i % 5 === 0 ? [0] : []), ...(i % 10 === 0 ? [1] : [])],
    })),
  });

  it('is about the share of images that show a class', () => {
    expect(() => checkRankingBetterThanChance(0.15, data(1000))).toThrow(
      /mean average precision is 15\.0 %; a random ranking has 15\.\d %\. No package/,
    );
  });

  it('must be exceeded by more than luck from 100 images on', () => {
    expect(() => checkRankingBetterThanChance(0.21, data(100))).toThrow(
      'a random ranking has 18.6 %',
    );
    checkRankingBetterThanChance(0.5, data(100));
    checkRankingBetterThanChance(0.21, data(90));
  });
});
