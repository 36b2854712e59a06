/**
 * A library that is installed and cannot be used is not taken for one that is not there: that is how
 * an image served on WASM, GPU or not.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { thisHost } from './host.ts';
import { installationFolder, letEveryoneRead, readInstallation } from './installation.ts';

const MAIN = join(import.meta.dirname, '../../cli/main.ts');

/** The user `nobody`, for tests that root runs: no mode keeps root out. */
const OTHER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** A cache with an installation in it, whose folder has that mode. */
async function cacheWith(record: string, mode: number) {
  const cache = await mkdtemp(join(tmpdir(), 'hebb-cache-'));
  await chmod(cache, 0o777);
  const folder = installationFolder(cache, thisHost(), 'cpu');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'installation.json'), record);
  await chmod(folder, mode);
  onTestFinished(async () => {
    await chmod(folder, 0o700);
    await rm(cache, { recursive: true });
  });
  return { cache, folder };
}

/** `hebb …` as a user who does not own the installation. */
async function hebbAs(cache: string, args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    ...OTHER,
    cwd: cache,
    env: { PATH: process.env.PATH, HOME: cache, HEBB_CACHE: cache },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = once(child, 'close').then(([code]) => code as number | null);
  return {
    exit,
    output: () => output,
    async printed(text: string) {
      const whole = () => output.split('\n').slice(0, -1);
      const found = () => whole().find((line) => line.includes(text));
      while (!found()) await new Promise((resolve) => setTimeout(resolve, 20));
      return JSON.parse(found()!) as { url: string; level: string; reason: string };
    },
  };
}

const OWNER_ONLY = process.getuid?.() === 0 ? 0o700 : 0o000;
const SERVE = ['serve', '--port', '0', '--max-batch-size', '1'];

it('refuses to start on WASM with --require-native, and says what to do', async () => {
  const { cache, folder } = await cacheWith('{}', OWNER_ONLY);
  const tier = await hebbAs(cache, [...SERVE, '--require-native']);
  expect(await tier.exit).toBe(1);
  expect(tier.output()).toMatch(/error native_unusable: .*may not read it/);
  expect(tier.output()).toContain(`chmod -R a+rX ${folder}`);
});

it('serves on WASM without --require-native, and reports that in the log and in /v2', async () => {
  const { cache } = await cacheWith('{}', OWNER_ONLY);
  const tier = await hebbAs(cache, [...SERVE, '--require-native', '--no-require-native']);
  const said = await tier.printed('"event":"native_unusable"');
  expect(said).toMatchObject({
    level: 'error',
    reason: expect.stringMatching(/^TensorFlow is installed and not used: .*may not read it/),
  });
  const { url } = await tier.printed('"event":"listening"');
  expect(await (await fetch(`${url}/v2`)).json()).toMatchObject({
    backend: { kind: 'wasm', native: 'unusable', reason: said.reason },
  });
});

it('is a problem for the doctor', async () => {
  const { cache } = await cacheWith('{}', OWNER_ONLY);
  const doctor = await hebbAs(cache, ['doctor', '--json']);
  expect(await doctor.exit).toBe(1);
  expect(doctor.output()).toMatch(/"libtensorflow",\s+"state": "problem",\s+"found": ".*may not/);
});

it('is distinguished from a damaged and from a missing one', async () => {
  const { folder } = await cacheWith('{"tensorflow":', 0o755);
  await expect(readInstallation(folder, thisHost())).rejects.toMatchObject({
    code: 'native_unusable',
    message: expect.stringContaining('is damaged'),
  });
  expect(await readInstallation(`${folder}-of-nobody`, thisHost())).toBeUndefined();
});

it('is made readable for everyone by the installation', async () => {
  const { folder } = await cacheWith('{}', 0o700);
  const library = join(folder, 'tensorflow', 'lib.so');
  await mkdir(join(folder, 'tensorflow'), { mode: 0o700 });
  await writeFile(library, '', { mode: 0o600 });
  await letEveryoneRead(folder);
  const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
  expect([await modeOf(folder), await modeOf(join(library, '..')), await modeOf(library)]).toEqual([
    0o755, 0o755, 0o644,
  ]);
});
