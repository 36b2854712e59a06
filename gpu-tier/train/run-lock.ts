/**
 * One process at a time in a run's folder: two would write each other's checkpoint and log.
 *
 * The file `lock` names the process that is at work. One that was killed leaves it behind; it counts
 * for nothing once that process is gone. A process is known by its id and the time at which it
 * started, since ids are given out again.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { HebbError } from '../../shared/model/errors.ts';
import { writing } from '../storage/storage-error.ts';

const FILE = 'lock';

interface Holder {
  readonly host: string;
  readonly pid: number;
  /** When the process started, in the system's own count (proc(5), `starttime`); '' where unknown. */
  readonly started: string;
}

/** Takes the run for this process; the function gives it back. Throws `run_in_use`. */
export async function lockRun(dir: string): Promise<() => Promise<void>> {
  const file = join(dir, FILE);
  const own = JSON.stringify(await holderOf(process.pid));
  const draft = `${file}.${randomUUID()}`;
  try {
    await writing(dir, () => writeFile(draft, own));
    // A link appears with its content, and only where there is none.
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

/** Removes a lock whose process is gone. Throws `run_in_use` when it is not, or cannot be seen. */
async function removeStale(dir: string, file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return; // given back in between
  const holder = parsed(text);
  if (holder && (holder.host !== hostname() || (await isAlive(holder)))) {
    const where = holder.host === hostname() ? '' : ` on ${holder.host}`;
    throw new HebbError(
      'run_in_use',
      `Process ${holder.pid}${where} is at work in the run ${dir}.`,
      holder.host === hostname()
        ? {}
        : { hint: `Wait until it has ended. If it was killed, remove ${file}.` },
    );
  }
  // Another process may have done the same in between: what is taken away must be what was read.
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
    // EPERM: it is there, and another user's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return (await startOf(pid)) === started;
}

/** Field 22 of /proc/<pid>/stat; the name before it may hold spaces and brackets. '' without /proc. */
async function startOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function parsed(text: string): Holder | undefined {
  try {
    const { host, pid, started } = JSON.parse(text) as Partial<Holder>;
    if (typeof host !== 'string' || typeof started !== 'string') return undefined;
    // 0 and negative numbers name groups of processes.
    return Number.isInteger(pid) && pid! > 0 ? { host, pid: pid!, started } : undefined;
  } catch {
    return undefined; // an empty file, of a system that lost power
  }
}
