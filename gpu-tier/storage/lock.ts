import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LockOptions {
  /** Called once when another process holds the lock. */
  readonly onWait?: () => void;
  /** How often the holder shows that it lives, in milliseconds. */
  readonly heartbeatMs?: number;
  /** A lock whose holder was silent for so long was left behind, in milliseconds. */
  readonly silentMs?: number;
}

/**
 * Runs `work` while no other process that uses the same folder `lock` does; waits for its turn.
 *
 * The folder's creation is what is atomic. Its age shows whether the holder lives: process ids would
 * mean nothing to another container, or another machine, that shares the cache. Should two processes
 * come to hold it after all, both work in folders of their own and the later rename wins.
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

/** Moves the folder away first, so that of several that wait only one takes it. */
async function discard(lock: string): Promise<void> {
  const aside = `${lock}.${randomUUID()}`;
  const moved = await rename(lock, aside).then(
    () => true,
    () => false,
  );
  if (moved) await rm(aside, { recursive: true, force: true });
}
