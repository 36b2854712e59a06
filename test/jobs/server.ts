/**
 * `npm start` in a separate process group, which can be killed as a whole and restarted on the same state.
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { ROOT } from '@hebb/local/bundle';
import { onTestFinished } from 'vitest';
import type { Fetch } from './client.ts';

export interface Server {
  readonly fetch: Fetch;
  /** Kills all its processes at once, like a power cut. */
  kill(): Promise<void>;
  /** Like Ctrl-C. */
  stop(): Promise<void>;
}

/** Text that is printed when the edge is ready, and later when the GPU tier is. */
export const READY = { edge: 'Ctrl-C stops it.', gpu: '\n  gpu    http' };

export interface StartOptions {
  /** A free port. */
  readonly port: number;
  /** After `npm start --`. */
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  /** The tier to wait for. */
  readonly ready: string;
}

export async function startServer({ port, args, env, ready }: StartOptions): Promise<Server> {
  const script = ['scripts/bootstrap.js', 'scripts/start.ts', '--port', String(port), ...args];
  const child = spawn('node', script, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let running = true;
  child.once('exit', () => {
    running = false;
  });
  onTestFinished(() => {
    if (running) process.kill(-child.pid!, 'SIGKILL');
  });
  await printed(child, ready);
  const signal = async (name: NodeJS.Signals, pid: number) => {
    const exit = once(child, 'exit');
    process.kill(pid, name);
    await exit;
  };
  return {
    fetch: (path, init) => fetch(new URL(path, `http://127.0.0.1:${port}`), init),
    kill: () => signal('SIGKILL', -child.pid!),
    stop: () => signal('SIGTERM', child.pid!),
  };
}

async function printed(child: ChildProcess, text: string): Promise<void> {
  let output = '';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const collect = (chunk: Buffer) => {
    output += chunk.toString();
    if (output.includes(text)) resolve();
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  child.once('exit', () => reject(new Error(`It ended:\n${output}`)));
  await promise;
}
