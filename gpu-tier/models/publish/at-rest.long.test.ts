import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type RunningWorker, type TestState, testState } from '@hebb/test/publish/state';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { afterEach, beforeEach, expect, it } from 'vitest';

let builtIn: TestPackage;
let flowers: TestPackage;
let state: TestState;
let worker: RunningWorker | undefined;

beforeEach(async () => {
  const small = { inputSize: 64, float: false };
  builtIn = await testPackage({ ...small, name: 'built-in' });
  flowers = await testPackage({ ...small, name: 'flowers', seed: 2 });
  state = await testState();
});
afterEach(async () => {
  await worker?.close();
  await Promise.all([state, builtIn, flowers].map((folder) => folder.remove()));
});

it('hebb publish while npm start does not run goes live with the next start, by wrangler’s own commands', async () => {
  const { stdout, code } = await state.hebb('publish', flowers.dir);
  expect(code).toBe(0);
  expect(stdout).toContain('is now current in the local bucket hebb-models');
  expect(stdout).toContain('all Workers serve it within');
  worker = await state.serve(builtIn.dir);
  expect(await worker.serves()).toBe('flowers');
  await worker.close();
  worker = undefined;

  await state.hebb('rollback');
  expect((await state.hebb('models')).stdout).toMatch(/→ +\(built-in\) +current\n +flowers/);
  worker = await state.serve(builtIn.dir);
  expect(await worker.serves()).toBe('built-in');
}, 120_000); // wrangler takes a second for each command

it('hebb publish in a copied state writes there, not to the npm start of the original', async () => {
  worker = await state.serve(builtIn.dir);
  const copy = await testState();
  await cp(state.folder, copy.folder, { recursive: true, force: true });
  await rm(join(copy.folder, 'hebb.lock'), { recursive: true, force: true });
  const { stdout, code } = await copy.hebb('publish', flowers.dir);
  expect(code).toBe(0);
  expect(stdout).toContain('is now current in the local bucket hebb-models');
  expect(stdout).toContain('no Worker was asked');
  expect(await worker.serves()).toBe('built-in');
  await copy.remove();
}, 120_000);
