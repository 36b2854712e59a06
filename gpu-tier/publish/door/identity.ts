/**
 * Which folder a state is, and which process one is: both can be told from a copy of what is written
 * down of them.
 * @module
 */
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';

/**
 * The folder itself: its device and inode, which no copy has, and which are the same by whatever path,
 * link or mount it is reached. Makes the folder where there is none.
 */
export async function stateIdentity(state: string): Promise<string> {
  await mkdir(state, { recursive: true });
  const { dev, ino } = await stat(state, { bigint: true });
  return `${dev}:${ino}`;
}

/** A process. Its number alone would not do, since numbers come again. */
export interface ProcessMark {
  readonly pid: number;
  /** The boot and the time at which it began; undefined where the system does not tell (only Linux does). */
  readonly began?: string;
}

export async function processMark(pid: number): Promise<ProcessMark> {
  const { began } = (await processFacts(pid)) ?? {};
  return { pid, ...(began !== undefined && { began }) };
}

/** Whether it runs still; false where that cannot be known. */
export async function isAlive({ pid, began }: ProcessMark): Promise<boolean> {
  return began !== undefined && (await processFacts(pid))?.began === began;
}

/** The processes of that name which this one has started, where the system tells. */
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

/** Undefined when it has ended. */
async function processFacts(pid: number): Promise<ProcessFacts | undefined> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    // proc_pid_stat(5): "pid (name) state ppid … starttime …"; the name may hold anything.
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const [, name, rest] = /^\d+ \((.*)\) (.*)$/s.exec(stat)!;
    const fields = rest!.split(' ');
    // Its first thread may have ended before others that still hold its files and ports.
    if (fields[0] === 'Z' && (await readdir(`/proc/${pid}/task`)).length <= 1) return undefined;
    return { name: name!, parent: Number(fields[1]), began: `${boot.trim()}:${fields[19]}` };
  } catch {
    return undefined;
  }
}
