import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

/** Runs a command line as a process that ends with the test. */
export function startCommand(
  [command, ...args]: readonly string[],
  options: Pick<SpawnOptions, 'uid' | 'gid'> & {
    readonly cwd: string;
    readonly env: NodeJS.ProcessEnv;
  },
) {
  const child = spawn(command!, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let news = Promise.withResolvers<void>();
  const tell = () => {
    news.resolve();
    news = Promise.withResolvers();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      tell();
    });
  }
  let ended = false;
  const exit = once(child, 'close').then(([code, signal]) => {
    ended = true;
    tell();
    return (code ?? signal) as number | string;
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  return {
    /** Resolves when it has printed the text; rejects if it ends before. */
    async printed(text: string): Promise<void> {
      while (!output.includes(text)) {
        if (ended) throw new Error(`It ended without ${text}:\n${output}`);
        await news.promise;
      }
    },
    exit,
    /** Exit code or signal. */
    async end(signal: NodeJS.Signals): Promise<number | string> {
      child.kill(signal);
      return await exit;
    },
  };
}
