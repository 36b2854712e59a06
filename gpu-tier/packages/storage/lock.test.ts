import { existsSync } from 'node:fs';
import { mkdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { expect, it } from 'vitest';
import { withLock } from './lock.ts';

it('runs one after the other', async () => {
  const lock = join(await temporaryFolder(), 'deep', 'a.lock');
  let [working, most] = [0, 0];
  const work = async () => {
    most = Math.max(most, ++working);
    await sleep(30);
    working -= 1;
  };
  await Promise.all(
    [1, 2, 3].map(() => withLock(lock, work, { heartbeatMs: 20, silentMs: 60_000 })),
  );
  expect(most).toBe(1);
  expect(existsSync(lock)).toBe(false);
});

it('releases the lock when the work fails', async () => {
  const lock = join(await temporaryFolder(), 'a.lock');
  await expect(withLock(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await withLock(lock, async () => 'next')).toBe('next');
});

it('takes over the lock of a killed process, and reports the wait', async () => {
  const lock = join(await temporaryFolder(), 'a.lock');
  await mkdir(lock);
  const long = new Date(Date.now() - 60_000);
  await utimes(lock, long, long);
  let waits = 0;
  const onWait = () => {
    waits += 1;
  };
  expect(await withLock(lock, async () => 'mine', { onWait })).toBe('mine');
  expect(waits).toBe(1);
});

it('keeps the lock during long work by its heartbeat', async () => {
  const lock = join(await temporaryFolder(), 'a.lock');
  const events: string[] = [];
  const options = { heartbeatMs: 20, silentMs: 600_000 };
  const begun = Promise.withResolvers<void>();
  const long = async () => {
    begun.resolve();
    const before = new Date(Date.now() - 60_000);
    await utimes(lock, before, before); // as if it had worked for a minute
    while ((await stat(lock)).mtimeMs < Date.now() - 30_000) await sleep(10);
    events.push('long work done');
  };
  const first = withLock(lock, long, options);
  await begun.promise;
  await withLock(lock, async () => events.push('next'), options);
  await first;
  expect(events).toEqual(['long work done', 'next']);
});
