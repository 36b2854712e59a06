import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockRun } from './run-lock.ts';

const LOCK = join(import.meta.dirname, 'run-lock.ts');

/** Another process that locks the run, reports it, and keeps running. */
async function otherProcess(dir: string): Promise<ChildProcess> {
  const source = `import { lockRun } from ${JSON.stringify(LOCK)};
    await lockRun(${JSON.stringify(dir)});
    console.log('taken');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child.stdout!, 'data');
  return child;
}

describe('the lock of a run', () => {
  it('is held by one process at a time', async () => {
    const dir = await temporaryFolder();
    const child = await otherProcess(dir);
    await expect(lockRun(dir)).rejects.toMatchObject({
      code: 'run_in_use',
      message: `Process ${child.pid} is using the run ${dir}.`,
    });
  });

  it('is free once its process is gone, even a killed one', async () => {
    const dir = await temporaryFolder();
    const child = await otherProcess(dir);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const unlock = await lockRun(dir);
    await unlock();
    expect(await readdir(dir)).toEqual([]);
  });

  it('goes to only one of several processes that find a stale lock', async () => {
    const dir = await temporaryFolder();
    const child = await otherProcess(dir);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const taken = await Promise.allSettled(Array.from({ length: 8 }, () => lockRun(dir)));
    expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(dir)).toEqual(['lock']);
  });

  it('is not taken from a process on another host', async () => {
    const dir = await temporaryFolder();
    await writeFile(join(dir, 'lock'), JSON.stringify({ host: 'other', pid: 1, started: '1' }));
    await expect(lockRun(dir)).rejects.toMatchObject({
      code: 'run_in_use',
      hint: expect.stringContaining(join(dir, 'lock')),
    });
  });

  it.each([
    [
      'a process whose id was given out again',
      { host: hostname(), pid: process.pid, started: '1' },
    ],
    ['an empty file', ''],
    ['a process group', { host: hostname(), pid: -1, started: '' }],
  ])('is free when its file names %s', async (_, content) => {
    const dir = await temporaryFolder();
    await writeFile(join(dir, 'lock'), content === '' ? '' : JSON.stringify(content));
    await (await lockRun(dir))();
  });
});
