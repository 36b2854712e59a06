/**
 * Runs commands in bash, as a reader would, and ends all processes that they leave behind.
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ShellOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds until all processes are killed. */
  readonly limit: number;
}

export interface ShellResult {
  /** Exit code of the first failed command, else 0; null if the shell was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const PREAMBLE = await readFile(new URL('preamble.sh', import.meta.url), 'utf8');

export async function runShell(script: string, options: ShellOptions): Promise<ShellResult> {
  const shell = startShell(script, options);
  const timer = setTimeout(() => killGroup(shell.child, 'SIGKILL'), options.limit);
  const [code] = (await once(shell.child, 'exit')) as [number | null];
  clearTimeout(timer);
  await endGroup(shell.child);
  return { code, stdout: shell.stdout(), stderr: shell.stderr() };
}

/** Starts servers, which run until `stop`; resolves when `script` reports that they are ready. */
export async function startServers(script: string, options: Omit<ShellOptions, 'limit'>) {
  const shell = startShell(`${script}\necho '@ready'\nwait`, options);
  const over = once(shell.child, 'exit').then(() => true);
  while (!shell.stdout().includes('@ready')) {
    if (await Promise.race([over, sleep(100, false)])) {
      throw new Error(`It ended:\n${shell.stdout()}${shell.stderr()}`);
    }
  }
  return { stop: () => endGroup(shell.child) };
}

function startShell(script: string, { cwd, env }: Omit<ShellOptions, 'limit'>) {
  const child = spawn('bash', ['-c', `${PREAMBLE}\n${script}`], {
    cwd,
    env,
    detached: true, // its own process group
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.once('exit', () => killGroup(child, 'SIGKILL')); // if this process ends first
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const text = (chunks: Buffer[]) => () => Buffer.concat(chunks).toString('utf8');
  return { child, stdout: text(stdout), stderr: text(stderr) };
}

async function endGroup(child: ChildProcess): Promise<void> {
  killGroup(child, 'SIGTERM');
  for (let waited = 0; waited < 15_000 && livesOn(child); waited += 100) await sleep(100);
  killGroup(child, 'SIGKILL');
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid!, signal);
  } catch {
    // the group has no process any more
  }
}

/** True if the group has processes, zombies not counted. */
function livesOn({ pid }: ChildProcess): boolean {
  return processes().some(({ group, state }) => group === pid && !state.startsWith('Z'));
}

/** Group and state of all processes: from /proc on Linux, where `ps` may be missing, else from `ps`. */
function processes(): { group: number; state: string }[] {
  if (existsSync('/proc/self/stat')) {
    return readdirSync('/proc').flatMap((name) => {
      try {
        // "pid (name) state ppid pgrp …"; the name may contain any character.
        const stat = readFileSync(`/proc/${Number(name)}/stat`, 'utf8');
        const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return [{ group: Number(group), state: state! }];
      } catch {
        return []; // not a process, or it has just ended
      }
    });
  }
  const { stdout } = spawnSync('ps', ['-eo', 'pgid=,stat='], { encoding: 'utf8' });
  const lines = stdout.split('\n').map((line) => line.trim().split(/\s+/));
  return lines.map(([group, state = 'Z']) => ({ group: Number(group), state }));
}
