/**
 * Whole runs in trouble: killed, started twice at once, on a disk that fills up.
 * @module
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeWithTensorFlow } from '@hebb/test/graph/tensorflow';
import { describeWithDisks, smallDisk } from '@hebb/test/support/disk';
import { writeImages } from '@hebb/test/train/images';
import { beforeAll, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, '../../cli/main.ts');
const OPTIONS = ['--recipe', 'quick', '--epochs', '6', '--batch-size', '8', '--precision', 'f32'];

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'hebb-trouble-'));
  await writeImages(cwd, { train: 20, val: 0 });
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const hebb = (...args: string[]): Promise<Ended> =>
  promisify(execFile)(process.execPath, [MAIN, ...args], { cwd, maxBuffer: 64 << 20 }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: Ended) => ({ code, stdout, stderr }),
  );

/** Waits for a file in the only run of a folder. Returns its path. */
async function fileOf(runs: string, name: string): Promise<string> {
  for (;;) {
    const [run] = await readdir(runs).catch(() => []);
    const file = run && join(runs, run, name);
    if (file && (await stat(file).catch(() => undefined))) return file;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describeWithTensorFlow('a run', () => {
  it('resumes after a kill with its options, refuses a second process, and eval knows its split', async () => {
    const runs = join(cwd, 'runs');
    const child = spawn(
      process.execPath,
      [
        ...[MAIN, 'train', '--data', 'train', '--name', 'stripes', ...OPTIONS],
        ...['--out', 'elsewhere/stripes', '--no-thumbnails', '--max-loss', '100'],
      ],
      { cwd, stdio: 'ignore' },
    );
    const checkpoint = await fileOf(runs, 'checkpoint.safetensors');
    const run = join(checkpoint, '..');
    const second = await hebb('train', '--resume', run);
    expect(second.stderr).toContain(`error run_in_use: Process ${child.pid} is using`);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));

    const changed = await hebb('train', '--resume', run, '--rate', '1');
    expect(changed).toMatchObject({ code: 2 });
    expect(changed.stderr).toContain('A resumed run keeps the --rate it began with.');

    const resumed = await hebb('train', '--resume', run);
    expect(resumed.stderr).not.toContain('error ');
    expect(resumed.stdout).toContain('Wrote elsewhere/stripes.');
    expect(await readdir(join(cwd, 'elsewhere', 'stripes'))).toContain(
      'weights.int8.safetensors', // --max-loss 100
    );
    expect(await readFile(join(run, 'report.html'), 'utf8')).not.toContain('data:image');
    expect(await readdir(run)).not.toContain('lock');

    const measured = async (...args: string[]) => {
      const { stdout } = await hebb(
        ...['eval', 'elsewhere/stripes', '--data', 'train', '--precision', 'int8', '--json'],
        ...args,
      );
      return JSON.parse(stdout) as { data: string; known: unknown };
    };
    expect(await measured()).toMatchObject({
      data: 'train/val',
      known: { trained: 0, validated: 9, unseen: 0 },
    });
    expect(await measured('--split', 'all')).toMatchObject({
      known: { trained: 51, validated: 9, unseen: 0 },
    });
    // With another seed most validation images were trained on, and eval reports it.
    const { stdout } = await hebb(
      ...['eval', 'elsewhere/stripes', '--data', 'train', '--precision', 'int8'],
      ...['--split', 'val', '--seed', '5'],
    );
    expect(stdout).toMatch(/! (\d images|all) of them were trained on/);
  }, 600_000);

  describeWithDisks('on a disk that fills up', () => {
    it('ends with a hint, leaves no partial file, and resumes when there is space', async () => {
      const disk = await smallDisk(600 * 1024);
      const runs = join(disk, 'runs');
      const training = hebb(
        ...['train', '--data', 'train', '--name', 'full', ...OPTIONS, '--max-loss', '100'],
        ...['--runs', runs, '--out', join(disk, 'package')],
      );
      await fileOf(runs, 'config.json');
      const filler = join(disk, 'filler');
      await writeFile(filler, new Uint8Array(580 * 1024 * 1024)).catch(() => {});
      const { code, stderr } = await training;
      const [run] = await readdir(runs);
      expect(code).toBe(1);
      expect(stderr).toMatch(/error disk_full: .* cannot be written: the disk is full\./);
      expect(stderr).toContain('→ Free some space, then resume the run: hebb train --resume ');
      expect((await readdir(join(runs, run!))).filter((name) => name.endsWith('.new'))).toEqual([]);

      await rm(filler);
      const resumed = await hebb('train', '--resume', join(runs, run!));
      expect(resumed.stderr).not.toContain('error ');
      expect(await readdir(join(disk, 'package'))).toContain('weights.int8.safetensors');
    }, 600_000);

    it('fails before training when the space is too small from the start', async () => {
      const disk = await smallDisk(20 * 1024);
      const { code, stderr } = await hebb(
        ...['train', '--data', 'train', '--name', 'small', ...OPTIONS, '--out', join(disk, 'p')],
      );
      expect(code).toBe(1);
      expect(stderr).toMatch(/error disk_full: The disk of \S+ has 21 MB left, and at least/);
      expect(stderr).not.toContain('checking');
      expect(await readdir(disk)).toEqual([]);
    });
  });
});
