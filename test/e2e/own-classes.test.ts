/**
 * The last of README's five commands, verbatim, in real processes: a model is served, published and rolled
 * back. Two servers cannot use the same state.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '@hebb/local/bundle';
import { readDoorFile } from '@hebb/models/publish/door/file';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { type TestPackage, testPackage } from '../support/package-folder.ts';
import { Started } from './started.ts';

let mine: TestPackage;
let other: TestPackage;
let folder: string;
let port: number;
const running: Started[] = [];

beforeAll(async () => {
  mine = await testPackage({ name: 'mine', classes: 3, inputSize: 64, seed: 2, float: false });
  other = await testPackage({ name: 'other', classes: 4, inputSize: 64, seed: 3, float: false });
  folder = await mkdtemp(join(tmpdir(), 'hebb-own-'));
  await mkdir(join(folder, 'models'));
  await cp(mine.dir, join(folder, 'models', 'mine'), { recursive: true });
  await cp(other.dir, join(folder, 'models', 'other'), { recursive: true });
  port = await freePort();
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop('SIGTERM');
});
afterAll(async () => {
  await Promise.all([mine.remove(), other.remove()]);
  await rm(folder, { recursive: true, force: true });
});

const start = (...args: string[]) => {
  const one = new Started(['--edge-only', '--port', String(port), ...args], { folder });
  running.push(one);
  return one;
};

const run = promisify(execFile);
const hebb = (...args: string[]) =>
  run('node', [join(ROOT, 'bin', 'hebb.js'), ...args], {
    cwd: folder,
    env: { ...process.env, HEBB_STATE: join(folder, 'state') },
  });

async function serves(): Promise<string> {
  const { models } = (await (await fetch(`http://localhost:${port}/v1/models`)).json()) as {
    models: { name: string }[];
  };
  return models[0]!.name;
}

describe('your own classes', () => {
  it('are served, published and rolled back', { timeout: 180_000 }, async () => {
    await start('--model', 'mine').printed('Ctrl-C stops it.');
    expect(await serves()).toBe('mine');
    const here = `http://localhost:${port} serves mine ${mine.manifest.version.slice(0, 12)}`;

    expect((await hebb('publish', 'mine')).stdout).toContain(here);
    // The model before it was the same one, which npm start was started with.
    const back = await hebb('rollback');
    expect(back.stdout).toContain(`${here}, which it was started with`);
    expect(back.stdout).toContain('this is the same model as before: npm start -- --model mine');
    expect(await serves()).toBe('mine');

    await hebb('publish', 'other');
    expect(await serves()).toBe('other');
    expect((await hebb('rollback')).stdout).toContain(`${here}, which it was started with`);
    expect(await serves()).toBe('mine');
  });
});

describe('a second npm start on the same state', () => {
  it('is refused, naming the first; kill -9 frees the state', { timeout: 180_000 }, async () => {
    await start().printed('Ctrl-C stops it.');
    const { pid } = (await readDoorFile(join(folder, 'state')))!.holder;
    const second = start();
    expect(await second.exit).toBe(1);
    const held = `is held by process ${pid}, the npm start at http://localhost:${port}`;
    expect(second.output).toContain(held);

    process.kill(pid, 'SIGSTOP');
    const third = start();
    expect(await third.exit).toBe(1);
    expect(third.output).toContain(`${held}, but does not answer`);

    process.kill(pid, 'SIGKILL');
    await running[0]!.exit;
    await start().printed('Ctrl-C stops it.');
    expect((await readDoorFile(join(folder, 'state')))!.holder.pid).not.toBe(pid);
  });
});
