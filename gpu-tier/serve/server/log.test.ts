/**
 * A log that cannot be written does not end the service: real devices, pipes and processes.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILT_IN_MODEL } from '@hebb/packages/find';
import { freePort } from '@hebb/test/support/free-port';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { expect, it, onTestFinished } from 'vitest';

const MAIN = join(import.meta.dirname, '../../cli/main.ts');

/** `hebb serve` whose log goes to `stdout`. */
async function serve(stdout: number | 'pipe') {
  const port = await freePort();
  const args = ['serve', '--model', BUILT_IN_MODEL, '--port', `${port}`, '--backend', 'wasm'];
  const child = spawn(process.execPath, [MAIN, ...args, '--max-batch-size', '1'], {
    stdio: ['ignore', stdout, 'ignore'],
  });
  const exit = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  let ended: number | string | undefined;
  void exit.then((code) => {
    ended = code;
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
  return {
    child,
    exit,
    get,
    async ready() {
      while ((await get('/v2/health/ready'))?.status !== 200) {
        expect(ended).toBeUndefined();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  };
}

/** Each of these requests is a line in the log. */
async function staysUp(tier: Awaited<ReturnType<typeof serve>>): Promise<void> {
  await tier.ready();
  for (let i = 0; i < 20; i++) expect((await tier.get('/v2'))?.status).toBe(200);
  tier.child.kill('SIGTERM');
  expect(await tier.exit).toBe(0);
}

it.skipIf(process.platform !== 'linux')('continues when the disk is full', async () => {
  const full = openSync('/dev/full', 'w'); // every write to it is answered ENOSPC
  onTestFinished(() => closeSync(full));
  await staysUp(await serve(full));
});

it('continues when its pipe is closed', async () => {
  const tier = await serve('pipe');
  tier.child.stdout!.destroy();
  await staysUp(tier);
});

it('reports the number of lost lines once the pipe is read again', async () => {
  const pipe = join(await temporaryFolder(), 'log');
  execFileSync('mkfifo', [pipe]);
  // Without O_NONBLOCK a reader would wait for a writer, and the writer for a reader.
  const reading = () => open(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  const first = await reading();
  const writer = openSync(pipe, constants.O_WRONLY);
  const tier = await serve(writer);
  closeSync(writer);
  await tier.ready();
  await tier.get('/v2');
  await lineOf(first, ({ path }) => path === '/v2'); // all that came before has been written
  await first.close();
  // An answer may reach the client before its line is written: how many of these are lost is not certain.
  for (let i = 0; i < 3; i++) await tier.get('/v2');
  const second = await reading();
  onTestFinished(() => second.close());
  await tier.get('/v2/models/flowers');
  const lines = await lineOf(second, ({ path }) => path === '/v2/models/flowers');
  expect(lines[0]).toMatchObject({ level: 'warn', event: 'log_gap' });
  const { lines: lost } = lines[0] as { lines: number };
  expect(lost).toBeGreaterThan(0);
  expect(lost + lines.length - 2).toBe(3);
});

type Line = Readonly<Record<string, unknown>>;

/** What is in the pipe, up to the line that is waited for. */
async function lineOf(pipe: FileHandle, isIt: (line: Line) => boolean): Promise<Line[]> {
  let text = '';
  for (;;) {
    // What `serve` tells people before its log begins is not JSON.
    const whole = text
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'));
    const lines = whole.map((line) => JSON.parse(line) as Line);
    if (lines.some(isIt)) return lines;
    const { bytesRead, buffer } = await pipe
      .read({ buffer: Buffer.alloc(65_536) })
      .catch(() => ({ bytesRead: 0, buffer: Buffer.alloc(0) })); // EAGAIN: nothing yet
    text += buffer.toString('utf8', 0, bytesRead);
    if (bytesRead === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
