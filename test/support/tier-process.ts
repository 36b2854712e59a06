/**
 * The tier as a separate process: `hebb serve`.
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LogLine } from './tier.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'gpu-tier', 'cli', 'main.ts');

export interface TierProcess {
  readonly pid: number;
  /** Its output on stdout and on stderr so far. */
  readonly logged: readonly LogLine[];
  stderr(): string;
  /** The first log line of that event. Rejects if the process ends without it. */
  event(name: string): Promise<LogLine>;
  /** Its address, when its models are warmed up. */
  ready(): Promise<URL>;
  kill(signal: NodeJS.Signals): void;
  /** Exit code or signal. */
  readonly exit: Promise<number | string>;
}

export interface TierProcessOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

export function spawnTier(
  args: readonly string[],
  { cwd, env = process.env }: TierProcessOptions = {},
): TierProcess {
  const child = spawn(process.execPath, [MAIN, 'serve', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
    ...(cwd !== undefined && { cwd }),
  });
  const logged: LogLine[] = [];
  let stderr = '';
  let news = Promise.withResolvers<void>();
  const tell = () => {
    news.resolve();
    news = Promise.withResolvers();
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    logged.push(JSON.parse(line) as LogLine);
    tell();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  let ended = false;
  const exit = once(child, 'close').then(([code, signal]) => {
    ended = true;
    tell();
    return (code ?? signal) as number | string;
  });
  const event = async (name: string): Promise<LogLine> => {
    for (;;) {
      const found = logged.find((line) => line.event === name);
      if (found) return found;
      if (ended) throw new Error(`The tier ended without ${name}:\n${stderr}`);
      await news.promise;
    }
  };
  return {
    pid: child.pid!,
    logged,
    stderr: () => stderr,
    event,
    async ready() {
      await event('ready');
      return new URL(String((await event('listening')).url));
    },
    kill: (signal) => child.kill(signal),
    exit,
  };
}
