/**
 * A lock between processes: a folder whose creation is atomic.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LockOptions {
  /** Called once if another process holds the lock. */
  readonly onWait?: () => void;
  /** Milliseconds between two heartbeats of the holder. */
  readonly heartbeatMs?: number;
  /** Milliseconds without a heartbeat after which a lock counts as abandoned. */
  readonly silentMs?: number;
}

/**
 * Runs `work` while this process holds the lock folder `lock`; waits until it is free.
 *
 * The modification time of the folder is the heartbeat. Process ids would mean nothing to another container or
 * machine that shares the folder. Two processes could hold the lock at once if one of them was suspended for
 * longer than `silentMs`; callers therefore write to temporary files and rename them.
 *
 * @example
 * await withLock('models/.lock', async () => await publish(), { onWait: () => console.error('waiting') });
 */
export async function withLock<T>(
  lock: string,
  work: () => Promise<T>,
  { onWait, heartbeatMs = 1000, silentMs = 10 * heartbeatMs }: LockOptions = {},
): Promise<T> {
  await mkdir(dirname(lock), { recursive: true });
  for (let waited = false; !(await acquire(lock)); waited = true) {
    if (!waited) onWait?.();
    if (await isAbandoned(lock, silentMs)) await discard(lock);
    else await sleep(Math.min(200, heartbeatMs));
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(lock, now, now).catch(() => {});
  }, heartbeatMs);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(lock, { recursive: true, force: true });
  }
}

async function acquire(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

async function isAbandoned(lock: string, silentMs: number): Promise<boolean> {
  const found = await stat(lock).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > silentMs;
}

/** Renames the folder first, so that only one of several waiting processes removes it. */
async function discard(lock: string): Promise<void> {
  const aside = `${lock}.${randomUUID()}`;
  const moved = await rename(lock, aside).then(
    () => true,
    () => false,
  );
  if (moved) await rm(aside, { recursive: true, force: true });
}
