/**
 * Which folder a state is, and which process one is: both can be told from a copy of what is written
 * down of them.
 * @module
 */
import { mkdir, readFile, stat } from 'node:fs/promises';

/**
 * The folder itself: its device and inode, which no copy has, and which are the same by whatever path,
 * link or mount it is reached. Makes the folder where there is none.
 */
export async function stateIdentity(state: string): Promise<string> {
  await mkdir(state, { recursive: true });
  const { dev, ino } = await stat(state, { bigint: true });
  return `${dev}:${ino}`;
}

/**
 * A process: its number, with the boot and the time at which it began, since numbers come again. Undefined
 * when it has ended, and where the system does not tell (only Linux does).
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ').at(-1)!.split(' ');
    const [state, start] = [fields[0], fields[19]]; // 3rd and 22nd of proc_pid_stat(5)
    return state === 'Z' ? undefined : `${boot.trim()}:${start}`;
  } catch {
    return undefined;
  }
}
