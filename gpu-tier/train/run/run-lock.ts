/**
 * A lock on a run's folder: two processes would overwrite each other's checkpoint and log.
 *
 * The file `lock` names its holder. A killed process leaves the file behind; the lock is stale once that
 * process is gone. A process is identified by its id and its start time, because ids are reused.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { HebbError } from '@hebb/model/errors';
import { writing } from '@hebb/packages/storage/storage-error';

const FILE = 'lock';

interface Holder {
  readonly host: string;
  readonly pid: number;
  /** Start time in clock ticks since boot (proc(5), `starttime`); '' where unknown. */
  readonly started: string;
}

/** Locks a run for this process. Returns the function that unlocks it. Throws `run_in_use`. */
export async function lockRun(dir: string): Promise<() => Promise<void>> {
  const file = join(dir, FILE);
  const own = JSON.stringify(await holderOf(process.pid));
  const draft = `${file}.${randomUUID()}`;
  try {
    await writing(dir, () => writeFile(draft, own));
    // link(2) is atomic: the lock appears with its content, and only if there is none.
    while (!(await linked(draft, file))) await removeStale(dir, file);
  } finally {
    await rm(draft, { force: true }).catch(() => {});
  }
  return async () => {
    if ((await readFile(file, 'utf8').catch(() => '')) === own) await rm(file, { force: true });
  };
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a stale lock. Throws `run_in_use` when its process is alive, or on another host. */
async function removeStale(dir: string, file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return; // unlocked in between
  const holder = parsed(text);
  if (holder && (holder.host !== hostname() || (await isAlive(holder)))) {
    const where = holder.host === hostname() ? '' : ` on ${holder.host}`;
    throw new HebbError(
      'run_in_use',
      `Process ${holder.pid}${where} is using the run ${dir}.`,
      holder.host === hostname()
        ? {}
        : { hint: `Wait until it ends. If it was killed, remove ${file}.` },
    );
  }
  // Another process may have replaced the lock in between: remove only what was read.
  const aside = `${file}.${randomUUID()}`;
  const moved = await rename(file, aside).then(
    () => true,
    () => false,
  );
  if (!moved) return;
  if ((await readFile(aside, 'utf8')) !== text) await linked(aside, file);
  await rm(aside, { force: true });
}

const holderOf = async (pid: number): Promise<Holder> => ({
  host: hostname(),
  pid,
  started: await startOf(pid),
});

async function isAlive({ pid, started }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process exists and belongs to another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return (await startOf(pid)) === started;
}

/** Field 22 of /proc/<pid>/stat (the name in field 2 may hold spaces and brackets); '' without /proc. */
async function startOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function parsed(text: string): Holder | undefined {
  try {
    const { host, pid, started } = JSON.parse(text) as Partial<Holder>;
    if (typeof host !== 'string' || typeof started !== 'string') return undefined;
    // kill(2): 0 and negative numbers name process groups.
    return Number.isInteger(pid) && pid! > 0 ? { host, pid: pid!, started } : undefined;
  } catch {
    return undefined; // an empty file after a power loss
  }
}
