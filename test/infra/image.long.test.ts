/**
 * The container image, built and run without a container engine: the test executes every step of the
 * Dockerfile, including the downloads of npm and pip, and runs the service as the image's user, who owns no
 * files and has neither Python nor a compiler.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '@hebb/local/bundle';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { startCommand } from './command.ts';
import { buildImage, type Image } from './image.ts';

const isRoot = process.getuid?.() === 0;
if (!isRoot)
  console.warn('SKIPPED without root, which is needed to run services as other users: the image');

describe.skipIf(!isRoot)('the image', () => {
  let folder: string;
  let image: Image;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hebb-image-'));
    await chmod(folder, 0o755);
    const dockerfile = join(ROOT, 'infra', 'gpu-tier', 'Dockerfile');
    image = await buildImage({ dockerfile, context: ROOT, folder });
  }, 1_200_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** `docker run -e HEBB_HOP_SECRET … ARGS`: runs the entry point as the image's user. */
  function run(args: readonly string[], port: number) {
    const { uid, gid, workdir, entrypoint } = image;
    const words = [...entrypoint, '--port', String(port), '--max-batch-size', '1', ...args];
    return startCommand(words, { cwd: workdir, env: environment(), uid, gid });
  }
  /** The last stage's base image has Node, but neither Python nor a compiler. */
  function environment(): NodeJS.ProcessEnv {
    const path = join(image.workdir, 'node_modules', 'node', 'bin');
    const { HEBB_CACHE: cache } = image.env;
    return { ...image.env, PATH: path, HOME: cache, HEBB_HOP_SECRET: 'a-secret-of-this-test' };
  }
  const native = () => join(image.env.HEBB_CACHE!, 'native');

  it('runs on TensorFlow without root, and logs that', async () => {
    expect(image.uid).toBeGreaterThan(0);
    const port = await freePort();
    const tier = run([], port);
    await tier.printed('"event":"ready"');
    const answer: unknown = await (await fetch(`http://127.0.0.1:${port}/v2`)).json();
    console.log(`The image's own /v2: ${JSON.stringify(answer)}`);
    expect(answer).toMatchObject({
      backend: { kind: 'native-cpu', reason: expect.stringMatching(/^TensorFlow \S+ runs on the/) },
      models: [{ name: 'flowers' }],
    });
    const [command, ...rest] = image.healthcheck.map((word) => word.replace('8788', `${port}`));
    const { uid, gid } = image;
    const check = spawn(command!, rest, { env: environment(), uid, gid });
    expect((await once(check, 'exit'))[0]).toBe(0);
    expect(await tier.end('SIGTERM')).toBe(0);
  });

  it('refuses to start if its user may not read the library, except with --no-require-native', async () => {
    const [installation] = await readdir(native());
    const library = join(native(), installation!);
    await chmod(library, 0o700); // as in earlier images
    const port = await freePort();
    const refused = run([], port);
    await refused.printed('error native_unusable: ');
    expect(await refused.exit).toBe(1);
    const slow = run(['--no-require-native'], port);
    await slow.printed('"event":"native_unusable"');
    expect(await (await fetch(`http://127.0.0.1:${port}/v2`)).json()).toMatchObject({
      backend: { kind: 'wasm', native: 'unusable' },
    });
    expect(await slow.end('SIGTERM')).toBe(0);
  });
});
