/**
 * Requests before a model is warm, and packages that cannot be loaded.
 */
import { cp, mkdir, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKAGE_FILES } from '@hebb/model';
import { noise } from '@hebb/test/graph/compare';
import { jsonRequest, pixelRequest } from '@hebb/test/support/open-inference';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { spawnTier } from '@hebb/test/support/tier-process';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const SIDE = 64;
const REQUEST = pixelRequest(noise(1, SIDE), SIDE);

let birds: TestPackage;
let fish: TestPackage;
beforeAll(async () => {
  birds = await testPackage({ name: 'birds', inputSize: SIDE, seed: 1 });
  fish = await testPackage({ name: 'fish', inputSize: SIDE, seed: 2 });
});
afterAll(() => Promise.all([birds?.remove(), fish?.remove()]));

function start(args: readonly string[], cwd?: string) {
  const options = ['--port', '0', '--max-batch-size', '1', '--decode-threads', '1'];
  const tier = spawnTier([...options, ...args], cwd === undefined ? {} : { cwd });
  onTestFinished(async () => {
    tier.kill('SIGKILL');
    await tier.exit;
  });
  return tier;
}

/** A user's folder with packages in `models/`, the oldest first. */
async function folderWith(packages: Readonly<Record<string, TestPackage>>) {
  const cwd = await temporaryFolder();
  for (const [i, [name, { dir }]] of Object.entries(packages).entries()) {
    const to = join(cwd, 'models', name);
    await mkdir(to, { recursive: true });
    await cp(dir, to, { recursive: true });
    const at = new Date(2026, 0, 1 + i);
    await utimes(join(to, PACKAGE_FILES.manifest), at, at);
  }
  return { cwd, at: (name: string, file: string) => join(cwd, 'models', name, file) };
}

describe('while models are loaded', () => {
  it('inference gets 503 with Retry-After for each of them, and 404 for others', async () => {
    const tier = start(['--model', birds.dir, '--model', fish.dir]);
    const { url } = await tier.event('listening');
    for (const name of ['birds', 'fish']) {
      const path = `${url}/v2/models/${name}`;
      const response = await fetch(`${path}/infer`, REQUEST);
      expect(response.status).toBe(503);
      expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0);
      expect(await response.json()).toMatchObject({
        code: 'model_unavailable',
        error: `The model ${name} is being loaded.`,
      });
      expect((await fetch(`${path}/ready`)).status).toBe(503);
    }
    expect((await fetch(`${url}/v2/models/bats/infer`, REQUEST)).status).toBe(404);
    const index = await fetch(`${url}/v2/repository/index`, { method: 'POST' });
    expect(await index.json()).toContainEqual(
      expect.objectContaining({ name: 'fish', state: 'UNAVAILABLE', reason: 'loading' }),
    );
    await tier.ready();
    for (const name of ['birds', 'fish']) {
      expect((await fetch(`${url}/v2/models/${name}/infer`, REQUEST)).status).toBe(200);
    }
  });
});

describe('a broken package in models/', () => {
  it('is skipped with its reason, in the log and in the index, and the next newest is served', async () => {
    const { cwd, at } = await folderWith({ birds, fish, torn: fish, cut: birds });
    await writeFile(at('torn', PACKAGE_FILES.manifest), '{"format": "hebb-model/1", ');
    await truncate(at('fish', PACKAGE_FILES.f32), 1000); // the manifest is valid
    await writeFile(at('cut', PACKAGE_FILES.manifest), '{}');
    await mkdir(join(cwd, 'models', 'notes')); // no package at all: not mentioned
    const tier = start([], cwd);
    const url = await tier.ready();
    const skipped = tier.logged.filter(({ event }) => event === 'package_skipped');
    expect(skipped).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          level: 'warn',
          dir: join(cwd, 'models', 'torn'),
          reason: 'manifest.json is not JSON.',
        }),
        expect.objectContaining({ dir: join(cwd, 'models', 'cut') }),
        expect.objectContaining({
          dir: join(cwd, 'models', 'fish'),
          reason: expect.stringContaining(PACKAGE_FILES.f32),
        }),
      ]),
    );
    expect(skipped).toHaveLength(3);
    const index: unknown = await (
      await fetch(new URL('/v2/repository/index', url), jsonRequest({}))
    ).json();
    expect(index).toHaveLength(4);
    expect(index).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'birds', state: 'READY', reason: '' }),
        {
          name: 'torn',
          version: '',
          state: 'UNAVAILABLE',
          reason: 'broken: manifest.json is not JSON.',
        },
        expect.objectContaining({ name: 'cut', reason: expect.stringMatching(/^broken: /) }),
        expect.objectContaining({
          name: 'fish',
          reason: expect.stringMatching(/^loading failed: /),
        }),
      ]),
    );
  });

  it('ends the start if it was named', async () => {
    const { cwd, at } = await folderWith({ birds });
    await writeFile(at('birds', PACKAGE_FILES.manifest), '{}');
    const tier = start(['--model', 'birds'], cwd);
    expect(await tier.exit).toBe(1);
    expect(tier.stderr()).toContain('error invalid_package: ');
  });
});
