/**
 * The first run of the documentation: two commands and a few minutes give a network that classifies shapes.
 * @module
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseManifest } from '@hebb/model';
import { describeWithTensorFlow } from '@hebb/test/graph/tensorflow';
import { expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, '../../cli/main.ts');

describeWithTensorFlow('the first run', () => {
  it('draws shapes, trains from scratch and reaches 90 % in int8', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'hebb-shapes-'));
    const hebb = (...args: string[]) =>
      promisify(execFile)(process.execPath, [MAIN, ...args], { cwd, maxBuffer: 64 << 20 });

    const { stdout } = await hebb('data', 'shapes', 'shapes');
    const next = /^Next: hebb (.*)$/m.exec(stdout)![1]!.split(' ');
    expect(next).toEqual(['train', '--data', 'shapes', '--recipe', 'quick']);
    await hebb(...next);

    const dir = join(cwd, 'models', 'shapes');
    const { metrics } = parseManifest(await readFile(join(dir, 'manifest.json'), 'utf8'));
    expect(metrics?.float?.top1).toBeGreaterThanOrEqual(90);
    expect(metrics?.int8?.top1).toBeGreaterThanOrEqual(90);
    const [run] = await readdir(join(cwd, 'runs'));
    const report = await readFile(join(cwd, 'runs', run!, 'report.html'), 'utf8');
    expect(report).toContain('checkerboard');
  }, 900_000);
});
