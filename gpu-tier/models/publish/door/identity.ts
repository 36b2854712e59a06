/**
 * Identities of a state folder and of a process that cannot be copied or reused by chance.
 * @module
 */
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';

/**
 * Device and inode of the folder: a copy has others, and another path, link or mount has the same. Creates
 * the folder if it does not exist.
 */
export async function stateIdentity(state: string): Promise<string> {
  await mkdir(state, { recursive: true });
  const { dev, ino } = await stat(state, { bigint: true });
  return `${dev}:${ino}`;
}

/** A process. The pid alone is not enough, since the system reuses pids. */
export interface ProcessMark {
  readonly pid: number;
  /** Boot id and start time; undefined except on Linux. */
  readonly began?: string;
}

export async function processMark(pid: number): Promise<ProcessMark> {
  const { began } = (await processFacts(pid)) ?? {};
  return { pid, ...(began !== undefined && { began }) };
}

/** True if the process still runs; false also where the system does not tell. */
export async function isAlive({ pid, began }: ProcessMark): Promise<boolean> {
  return began !== undefined && (await processFacts(pid))?.began === began;
}

/** Child processes with this name; none where the system does not tell. */
export async function childrenNamed(name: string): Promise<ProcessMark[]> {
  const entries = await readdir('/proc').catch(() => []);
  const found = await Promise.all(
    entries
      .filter((entry) => /^\d+$/.test(entry))
      .map(async (entry) => {
        const facts = await processFacts(Number(entry));
        const own = facts?.name === name && facts.parent === process.pid;
        return own ? [{ pid: Number(entry), began: facts.began }] : [];
      }),
  );
  return found.flat();
}

interface ProcessFacts {
  readonly name: string;
  readonly parent: number;
  readonly began: string;
}

/** Undefined for a process that has ended. */
async function processFacts(pid: number): Promise<ProcessFacts | undefined> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    // proc_pid_stat(5): "pid (name) state ppid … starttime …"; the name may hold anything.
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const [, name, rest] = /^\d+ \((.*)\) (.*)$/s.exec(stat)!;
    const fields = rest!.split(' ');
    // A zombie's main thread has ended, but other threads may still hold files and ports.
    if (fields[0] === 'Z' && (await readdir(`/proc/${pid}/task`)).length <= 1) return undefined;
    return { name: name!, parent: Number(fields[1]), began: `${boot.trim()}:${fields[19]}` };
  } catch {
    return undefined;
  }
}
