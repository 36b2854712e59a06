import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeWithTensorFlow } from '@hebb/test/graph/tensorflow';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { writeImages } from '@hebb/test/train/images';
import { expect, it } from 'vitest';
import { EXPERIMENTS } from './experiments.ts';
import type { PaperResult } from './results.ts';

const MAIN = join(import.meta.dirname, 'main.ts');

describeWithTensorFlow('npm run paper', () => {
  it('trains, measures and writes the page; a second call trains nothing', async () => {
    const cwd = await temporaryFolder();
    await writeImages(join(cwd, 'stripes'), { train: 8, val: 8 });
    const paper = () =>
      promisify(execFile)(
        process.execPath,
        [
          ...[MAIN, '--data', 'stripes', '--epochs', '2', '--batch-size', '8', '--seeds', '1'],
          ...['--rounds', '1', '--runs', 'runs', '--docs', 'docs', '--json', 'paper.json'],
        ],
        { cwd, maxBuffer: 64 << 20 },
      );
    const first = await paper();
    expect(first.stderr).toContain('5 trainings, of which 0 are done');
    const result = JSON.parse(await readFile(join(cwd, 'paper.json'), 'utf8')) as PaperResult;
    expect(result.runs.map(({ experiment }) => experiment)).toEqual(
      EXPERIMENTS.map(({ id }) => id),
    );
    for (const { epochs } of result.runs) {
      expect(epochs.map(({ step }) => step)).toEqual([3, 6]);
      expect(epochs[0]!.firstGradientNorms!.conv1).toBeGreaterThan(0);
    }
    expect(result.steps.times.median).toBeGreaterThan(1);
    const page = await readFile(join(cwd, 'docs', 'paper.md'), 'utf8');
    expect(page).toContain('Here: stripes, 3 classes');
    const pictures = await readdir(join(cwd, 'docs', 'pictures'));
    expect(pictures).toContain('paper-start.svg');
    // Packages have float weights only, and checkpoints do not pile up.
    for (const name of await readdir(join(cwd, 'runs', 'packages'))) {
      const files = await readdir(join(cwd, 'runs', 'packages', name));
      expect(files).toContain('weights.f32.safetensors');
      expect(files).not.toContain('weights.int8.safetensors');
    }
    const runs = (await readdir(join(cwd, 'runs'))).filter((name) => name !== 'packages');
    expect(runs).toHaveLength(EXPERIMENTS.length);
    for (const run of runs) {
      const checkpoint = join(cwd, 'runs', run, 'checkpoint.safetensors');
      expect(await stat(checkpoint).catch(() => undefined)).toBeUndefined();
    }

    const second = await paper();
    expect(second.stderr).toContain('5 trainings, of which 5 are done');
    expect(second.stderr).not.toContain('epoch');
  }, 900_000);
});
