import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseManifest } from '@hebb/model';
import { HebbError } from '@hebb/model/errors';
import { findPackage } from '@hebb/packages/find';
import { readPackage } from '@hebb/packages/folder';
import { readDataset } from '@hebb/train/dataset/read';
import { RECIPES } from '@hebb/train/run/config';
import { cacheFolder as hebbCache } from 'hebb/cache';
import { type BenchContext, cacheFolder } from '../context.ts';
import { describeMachine } from '../machine.ts';
import type { BenchOptions } from '../options.ts';
import { virtualEnvironment } from '../peers/virtual-environment.ts';
import type { TransferResult, TransferRun } from '../results.ts';

const HEBB = join(import.meta.dirname, '../../gpu-tier/cli/main.ts');
const PYTORCH = join(import.meta.dirname, '../peers/pytorch');

/**
 * Fine-tunes a package on a data set with train/ and val/: the classifier alone and the whole recipe by
 * `hebb train`, and the same weights in PyTorch with torchvision's transforms and a plain recipe.
 */
export async function benchTransfer(
  options: BenchOptions,
  context: BenchContext,
): Promise<TransferResult> {
  if (options.data === undefined) {
    throw new HebbError('invalid_argument', 'Name the images: --data DIR, with train/ and val/.', {
      hint: 'npx hebb data flowers flowers downloads a set.',
    });
  }
  const data = resolve(context.cwd, options.data);
  const { manifest, dir } = await readPackage(
    findPackage(options.package ?? 'imagenet', context.cwd),
  );
  const { train, val, classes } = await readDataset(data);
  const work = await mkdtemp(join(tmpdir(), 'hebb-transfer-'));
  const runs: TransferRun[] = [];
  const measured = (run: TransferRun) => {
    runs.push(run);
    context.log(JSON.stringify(run));
  };
  try {
    const ours = (name: string, ...args: string[]) =>
      hebbTrain(work, name, ['--data', data, '--init', dir, ...args], context);
    const { epochs } = RECIPES.transfer;
    measured({ what: 'hebb train --init --head-only', ...(await ours('head', '--head-only')) });
    measured({ what: 'hebb train --init', epochs, ...(await ours('whole')) });
    if (options.pytorch) {
      const requirements = join(PYTORCH, 'finetune-requirements.txt');
      const python = await virtualEnvironment(join(cacheFolder(context), 'finetune'), requirements);
      for (const length of [7, epochs]) {
        measured({
          what: 'PyTorch and torchvision, a plain recipe',
          epochs: length,
          ...(await finetune(python, { dir, data, epochs: length })),
        });
      }
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return {
    bench: 'transfer',
    machine: describeMachine(new Date()),
    ...(options.note !== undefined && { note: options.note }),
    source: `${manifest.name}, version ${manifest.version.slice(0, 12)}`,
    data: { name: basename(data), train: train.length, val: val.length, classes: classes.length },
    runs,
  };
}

/** One `hebb train` as a user runs it, its package's top-1 accuracy in float32, and its time. */
async function hebbTrain(
  work: string,
  name: string,
  args: readonly string[],
  { cwd, env }: BenchContext,
): Promise<Pick<TransferRun, 'top1' | 'seconds'>> {
  const out = join(work, name);
  const fresh = { ...env, HEBB_CACHE: await cacheWithoutFeatures(work, name, env) };
  const began = performance.now();
  await ended(
    spawn(
      process.execPath,
      [HEBB, 'train', ...args, '--name', name, '--out', out, '--runs', join(work, 'runs')],
      { cwd, env: fresh, stdio: ['ignore', 'inherit', 'inherit'] },
    ),
  );
  const seconds = (performance.now() - began) / 1000;
  const { metrics } = parseManifest(await readFile(join(out, 'manifest.json'), 'utf8'));
  return { top1: metrics!.float!.top1 / 100, seconds };
}

/** A cache folder with the native library and no features: kept ones would hide their cost. */
async function cacheWithoutFeatures(
  work: string,
  name: string,
  env: BenchContext['env'],
): Promise<string> {
  const cache = join(work, `${name}-cache`);
  const from = hebbCache({ env });
  await mkdir(cache);
  for (const entry of await readdir(from)) {
    if (entry !== 'features') await symlink(join(from, entry), join(cache, entry));
  }
  return cache;
}

async function finetune(
  python: string,
  { dir, data, epochs }: { readonly dir: string; readonly data: string; readonly epochs: number },
): Promise<Pick<TransferRun, 'top1' | 'seconds'>> {
  const args = ['--package', dir, '--data', data, '--epochs', String(epochs)];
  const child = spawn(python, [join(PYTORCH, 'finetune.py'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const done = ended(child);
  let last: { top1: number; seconds: number } | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    last = JSON.parse(line) as { top1: number; seconds: number };
  }
  await done;
  if (!last) throw new Error('PyTorch has printed no epoch.');
  return { top1: last.top1, seconds: last.seconds };
}

function ended(child: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('exit', (code) => {
      if (code === 0) done();
      else fail(new Error(`${child.spawnfile} ended with ${code}.`));
    });
  });
}
