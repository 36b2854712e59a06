import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '@hebb/local/bundle';
import { encoder, picture } from '@hebb/test/decode/pictures';
import { type RunningWorker, type TestState, testState } from '@hebb/test/publish/state';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { afterAll, beforeAll, expect, it } from 'vitest';

let builtIn: TestPackage;
let flowers: TestPackage;
let state: TestState;
let worker: RunningWorker;
let tier: Tier | undefined;

beforeAll(async () => {
  builtIn = await testPackage({ name: 'built-in', inputSize: 64 });
  flowers = await testPackage({ name: 'flowers', inputSize: 64, seed: 2 });
  state = await testState();
  worker = await state.serve(builtIn.dir);
});
afterAll(async () => {
  await tier?.stop();
  await worker.close();
  await Promise.all([builtIn.remove(), flowers.remove(), state.remove()]);
});

interface Event {
  readonly event: string;
  readonly url?: string;
  readonly model?: string;
  readonly version?: string;
}

/** `hebb serve --follow`, as a process of its own with an empty repository. */
class Tier {
  readonly #child: ChildProcess;
  readonly #events: Event[] = [];

  constructor(args: readonly string[], env: Record<string, string>) {
    const main = join(ROOT, 'gpu-tier', 'cli', 'main.ts');
    this.#child = spawn(process.execPath, [main, 'serve', '--backend', 'wasm', ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface({ input: this.#child.stdout! }).on('line', (line) =>
      this.#events.push(JSON.parse(line) as Event),
    );
  }

  /** The next event that fits; those before it are passed over. */
  async event(fits: (event: Event) => boolean): Promise<Event> {
    for (;;) {
      const found = this.#events.findIndex(fits);
      if (found >= 0) return this.#events.splice(0, found + 1).at(-1)!;
      if (this.#child.exitCode !== null) throw new Error('The GPU tier ended.');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill('SIGTERM');
    await once(this.#child, 'exit');
  }
}

it('serves what the edge serves, from the bucket of npm start, back and forth', async () => {
  const repository = join(state.folder, 'models');
  await mkdir(repository, { recursive: true });
  await state.hebb('publish', flowers.dir);
  const flags = ['--port', '0', '--repository', repository, '--follow-interval', '1'];
  tier = new Tier([...flags, '--follow', worker.url.origin], {
    HEBB_STATE: state.folder,
    HEBB_CACHE: join(state.folder, 'cache'),
  });
  const { url } = await tier.event(({ event }) => event === 'listening');
  const followed = (version: string) => (event: Event) =>
    event.event === 'followed' && event.version === version;
  await tier.event(followed(flowers.manifest.version));

  const metadata = await (await fetch(`${url}/v2/models/flowers`)).json();
  expect(metadata).toMatchObject({ name: 'flowers', versions: [flowers.manifest.version] });
  const image = await encoder(picture(320, 240)).jpeg().toBuffer();
  const edge = await fetch(new URL('/v1/classify', worker.url), {
    method: 'POST',
    body: new Uint8Array(image),
  });
  expect(await edge.json()).toMatchObject({ model: { version: flowers.manifest.version } });

  const birds = await testPackage({ name: 'flowers', inputSize: 64, seed: 3 });
  await state.hebb('publish', birds.dir);
  await tier.event(followed(birds.manifest.version));
  await state.hebb('rollback');
  await tier.event(followed(flowers.manifest.version));
  expect(await (await fetch(`${url}/v2/models/flowers`)).json()).toMatchObject({
    versions: [flowers.manifest.version],
  });
  await birds.remove();
}, 180_000);
