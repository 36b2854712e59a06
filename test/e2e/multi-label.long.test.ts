/**
 * The commands of the documentation for images that show several things: they draw a data set, train from
 * scratch for a few minutes, and at the edge the figures of a picture have higher scores than others.
 * multi-label.test.ts has images on which training ends with the right labels.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { encodeJpeg } from '@hebb/images/jpeg';
import { parseManifest } from '@hebb/model';
import type { Classification } from '@hebb/protocol/api/classification';
import { drawSeveral } from '@hebb/train/dataset/shapes/draw';
import { expect, it } from 'vitest';
import { describeWithTensorFlow } from '../graph/tensorflow.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { startWorker } from '../support/worker.ts';

const MAIN = join(import.meta.dirname, '../../gpu-tier/cli/main.ts');

describeWithTensorFlow('the first multi-label run', () => {
  it('draws figures, trains from scratch, and scores the figures of a picture higher than others', async () => {
    const cwd = await temporaryFolder();
    const hebb = (...args: string[]) =>
      promisify(execFile)(process.execPath, [MAIN, ...args], { cwd, maxBuffer: 64 << 20 });
    const { stdout } = await hebb('data', 'shapes', '--multi-label', 'figures');
    const next = /^Next: hebb (.*)$/m.exec(stdout)![1]!.split(' ');
    await hebb(...next);

    const model = join(cwd, 'models', 'figures');
    const { metrics } = parseManifest(await readFile(join(model, 'manifest.json'), 'utf8'));
    expect(metrics?.meanAveragePrecision?.int8).toBeGreaterThan(LEAST);
    const [run] = await readdir(join(cwd, 'runs'));
    const report = await readFile(join(cwd, 'runs', run!, 'report.html'), 'utf8');
    expect(report).toContain('mean average precision');

    const worker = await startWorker({ model });
    try {
      const [shown, others]: [number[], number[]] = [[], []];
      for (let seed = 0; seed < 10; seed++) {
        const data = drawSeveral(['checkerboard', 'circle'], 128, 9000 + seed);
        const body = new Uint8Array(await encodeJpeg({ width: 128, height: 128, data }, 90));
        const response = await worker.fetch('/v1/classify?top=6', { method: 'POST', body });
        const { predictions } = (await response.json()) as Classification;
        const isShown = ({ label }: { readonly label: string }) =>
          label === 'checkerboard' || label === 'circle';
        for (const one of predictions) (isShown(one) ? shown : others).push(one.score);
      }
      expect(mean(shown)).toBeGreaterThan(1.2 * mean(others));
    } finally {
      await worker.close();
    }
  }, 1_800_000);
});

/** Percent; a random ranking has about a third. */
const LEAST = 60;

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
