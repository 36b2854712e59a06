import { mkdir, readFile, rm, symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKAGE_FILES } from '@hebb/model';
import { noise } from '@hebb/test/graph/compare';
import { pixelRequest } from '@hebb/test/support/open-inference';
import { writeTestPackage } from '@hebb/test/support/package';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { type TestTier, tierForTest } from '@hebb/test/support/tier';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

const SIDE = 64;
const REQUEST = pixelRequest(noise(1, SIDE), SIDE);
const POST = { method: 'POST' };

let birds: TestPackage;
let fish: TestPackage;
let repository: string;
let tier: TestTier;

beforeAll(async () => {
  birds = await testPackage({ name: 'birds', inputSize: SIDE, seed: 1 });
  fish = await testPackage({ name: 'fish', inputSize: SIDE, seed: 2 });
});
afterAll(() => Promise.all([birds?.remove(), fish?.remove()]));

beforeEach(async () => {
  repository = join(await temporaryFolder(), 'models');
  await mkdir(repository);
  await symlink(fish.dir, join(repository, 'fish'));
  tier = await tierForTest({ models: [birds.dir], repository });
});

const index = async (body?: unknown) => {
  const init = body === undefined ? POST : { ...POST, body: JSON.stringify(body) };
  return (await tier.json('/v2/repository/index', init)).body;
};

it('lists served and available models', async () => {
  const [served, other] = [
    { name: 'birds', version: birds.manifest.version, state: 'READY', reason: '' },
    { name: 'fish', version: fish.manifest.version, state: 'UNAVAILABLE', reason: 'not loaded' },
  ];
  expect(await index()).toEqual(expect.arrayContaining([served, other]));
  expect(await index({ ready: true })).toEqual([served]);
  expect(await tier.json('/v2/repository/index', { ...POST, body: '[' })).toMatchObject({
    status: 400,
  });
});

it('refuses web pages, also on the same machine', async () => {
  const headers = { Origin: 'https://evil.example' };
  const path = '/v2/repository/models/birds/unload';
  expect(await tier.json(path, { ...POST, headers })).toMatchObject({
    status: 403,
    body: { code: 'origin_refused' },
  });
  const ready = await tier.fetch('/v2/models/birds/ready', { headers });
  expect(ready.status).toBe(200); // reading is open
});

it('loads and unloads by name', async () => {
  const loaded = await tier.json('/v2/repository/models/fish/load', POST);
  expect(loaded).toEqual({
    status: 200,
    body: { name: 'fish', version: fish.manifest.version },
  });
  expect((await tier.json('/v2/models/fish/infer', REQUEST)).status).toBe(200);
  expect((await tier.json('/v2/repository/models/birds/unload', POST)).status).toBe(200);
  expect((await tier.json('/v2/models/birds/infer', REQUEST)).status).toBe(404);
  expect(await index({ ready: true })).toMatchObject([{ name: 'fish' }]);
  expect(await tier.json('/v2/repository/models/birds/unload', POST)).toMatchObject({
    status: 404,
    body: { code: 'model_not_found' },
  });
});

it('refuses unsupported parameters of a load by name', async () => {
  for (const [parameters, named] of [
    [{ config: '{"max_batch_size": 8}' }, 'config'],
    [{ config: null, 'file:1/model.onnx': 'AAAA' }, 'file:1/model.onnx'],
  ] as const) {
    const body = JSON.stringify({ parameters });
    const answer = await tier.json('/v2/repository/models/fish/load', { ...POST, body });
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid_argument', error: `The parameter "${named}" is not supported.` },
    });
  }
  expect((await tier.json('/v2/models/fish/infer', REQUEST)).status).toBe(404); // it was not loaded
  // Parameters without effect are accepted, since clients send them by default.
  const nothing = { ...POST, body: JSON.stringify({ parameters: { config: null } }) };
  expect((await tier.json('/v2/repository/models/fish/load', nothing)).status).toBe(200);
  const dependents = JSON.stringify({ parameters: { unload_dependents: false } });
  const unload = await tier.json('/v2/repository/models/fish/unload', {
    ...POST,
    body: dependents,
  });
  expect(unload.status).toBe(200);
});

it('replaces a model by its new version under load', async () => {
  const dir = join(repository, 'bats');
  await writeTestPackage(dir, { name: 'bats', inputSize: SIDE, seed: 3 });
  await tier.json('/v2/repository/models/bats/load', POST);
  const manifest = await writeTestPackage(dir, { name: 'bats', inputSize: SIDE, seed: 4 });
  const versions = new Set<string>();
  let loading = true;
  const clients = Array.from({ length: 4 }, async () => {
    while (loading) {
      const response = await tier.fetch('/v2/models/bats/infer', REQUEST);
      expect(response.status).toBe(200);
      versions.add(((await response.json()) as { model_version: string }).model_version);
    }
  });
  const { body } = await tier.json('/v2/repository/models/bats/load', POST);
  expect(body).toMatchObject({ version: manifest.version });
  const after = await tier.fetch('/v2/models/bats/infer', REQUEST);
  expect(await after.json()).toMatchObject({ model_version: manifest.version });
  loading = false;
  await Promise.all(clients);
  expect(versions.size).toBeGreaterThan(0);
});

it('keeps the old model when the new one cannot be loaded, and says why', async () => {
  const dir = join(repository, 'bats');
  const { version } = await writeTestPackage(dir, { name: 'bats', inputSize: SIDE, seed: 3 });
  await tier.json('/v2/repository/models/bats/load', POST);
  const weights = join(dir, PACKAGE_FILES.f32);
  await truncate(weights, (await readFile(weights)).length - 1000);
  const { status, body } = await tier.json('/v2/repository/models/bats/load', POST);
  expect([status, body]).toMatchObject([422, { code: 'invalid_package' }]);
  const answer = await tier.fetch('/v2/models/bats/infer', REQUEST);
  expect(await answer.json()).toMatchObject({ model_version: version });
  expect(await index()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        name: 'bats',
        version,
        state: 'READY',
        reason: expect.stringMatching(/^loading failed: /),
      }),
    ]),
  );
  expect((await tier.json('/v2/health/ready')).status).toBe(200);
});

it('ignores a folder that is not a package', async () => {
  await mkdir(join(repository, 'empty'));
  for (const name of ['empty', 'nothing', '..%2Fbirds']) {
    const answer = await tier.json(`/v2/repository/models/${name}/load`, POST);
    expect(answer).toMatchObject({ status: 404, body: { code: 'model_not_found' } });
  }
  await rm(join(repository, 'fish'));
  expect(await index()).toMatchObject([{ name: 'birds' }]);
});
