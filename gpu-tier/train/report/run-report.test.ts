import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sampleEpoch } from '@hebb/test/report/sample';
import { writeImageFolders } from '@hebb/test/support/image-files';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDataset } from '../dataset/read.ts';
import { readEpochs, writeRunReport } from './run-report.ts';

let test: TestPackage;
beforeAll(async () => {
  test = await testPackage({ inputSize: 32, classes: 2 });
});
afterAll(() => test.remove());

describe('the report of a run', () => {
  it('shows the training, both precisions, configuration, data and machine', async () => {
    const root = await temporaryFolder();
    const [data, runDir] = [join(root, 'data'), join(root, 'runs', 'first')];
    for (const side of ['train', 'val']) {
      await writeImageFolders(join(data, side), ['class 0', 'class 1'], 3);
    }
    await mkdir(runDir, { recursive: true });
    const lines = [1, 2, 3].map((epoch) => `${JSON.stringify(sampleEpoch(epoch))}\n`);
    await writeFile(join(runDir, 'log.jsonl'), lines.join(''));
    const config = { data, epochs: 3, augment: { area: [0.25, 1] }, init: null };
    await writeFile(join(runDir, 'config.json'), JSON.stringify({ config, hebb: '0.1.0' }));
    const dataset = await readDataset(data);

    const stages: [string, number][] = [];
    const { float, int8, agreement, file, metrics } = await writeRunReport({
      runDir,
      packageDir: test.dir,
      dataset,
      dataName: 'shapes',
      dataRoot: data,
      thumbnails: false,
      backend: { kind: 'wasm', reason: 'a test' },
      now: () => Date.UTC(2026, 0, 2),
      stage: (precision, total) => {
        stages.push([precision, total]);
        return () => {};
      },
    });
    expect(file).toBe(join(runDir, 'report.html'));
    expect([float!.images, int8!.images]).toEqual([6, 6]);
    expect(agreement!.agreement).toBeGreaterThanOrEqual(0);
    expect(stages).toEqual([
      ['f32', 6],
      ['int8', 6],
    ]);
    expect(metrics).toEqual({
      data: 'shapes/val',
      images: 6,
      float: { top1: 100 * float!.top1, top5: 100 },
      int8: { top1: 100 * int8!.top1, top5: 100 },
    });
    const page = await readFile(file, 'utf8');
    expect(page).toContain('GoogLeNet on shapes, run first');
    expect(page).toContain('3 epochs, 276 steps');
    expect(page).toContain('<dt>augment.area</dt><dd>0.25, 1</dd>');
    expect(page).toContain('<dt>data</dt><dd>data</dd>');
    expect(page).toContain(`<dt>fingerprint</dt><dd>${dataset.fingerprint}</dd>`);
    expect(page).toContain('<dt>float32 on</dt><dd>wasm: a test</dd>');
    expect(page).not.toContain(root); // no folders of this machine
    expect(page).not.toContain('data:image');
  });

  it('reads the log of a run that was killed and resumed', async () => {
    const file = join(await temporaryFolder(), 'log.jsonl');
    const [one, two] = [sampleEpoch(1), sampleEpoch(2)];
    const again = { ...two, loss: 9 };
    const lines = [one, two, again].map((entry) => JSON.stringify(entry));
    await writeFile(file, `${lines.join('\n')}\n{"epoch": 3, "lo`);
    expect(await readEpochs(file)).toEqual([one, again]);
    expect(await readEpochs(join(file, '..', 'none.jsonl'))).toEqual([]);
  });
});
