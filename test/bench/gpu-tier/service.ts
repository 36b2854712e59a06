/**
 * The tier as its users start it, in a process of its own.
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { HebbError } from '../../../shared/model/errors.ts';

const MAIN = join(import.meta.dirname, '..', '..', '..', 'gpu-tier', 'cli', 'main.ts');

export interface TierProcess {
  readonly url: URL;
  /** Ends the processes that hold the model, as the kernel ends one that took too much memory. */
  killHosts(): void;
  stop(): Promise<void>;
}

/** What of the tier's log lines is read here. */
interface Event {
  readonly event: string;
  readonly url?: string;
  readonly pids?: readonly number[];
}

/** Starts `hebb serve`; resolves when the model is warm. */
export async function startTier(
  dir: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<TierProcess> {
  const flags = ['serve', '--model', dir, '--port', '0', ...args];
  const child = spawn(process.execPath, [MAIN, ...flags], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let url: URL | undefined;
  let hosts: readonly number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as Event;
    if (event.url) url = new URL(event.url);
    if (event.pids) hosts = event.pids;
    if (event.event === 'ready') break;
  }
  if (!url) throw new HebbError('internal', 'The GPU tier did not start.');
  child.stdout.resume();
  return {
    url,
    killHosts() {
      for (const pid of hosts) process.kill(pid, 'SIGKILL');
    },
    async stop() {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    },
  };
}
