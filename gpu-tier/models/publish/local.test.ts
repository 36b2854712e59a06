import { type RunningWorker, type TestState, testState } from '@hebb/test/publish/state';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeDoorFile } from './door/file.ts';
import { stateIdentity } from './door/identity.ts';
import { knock } from './door/knock.ts';

let builtIn: TestPackage;
let flowers: TestPackage;
let birds: TestPackage;
let state: TestState;
let worker: RunningWorker | undefined;

beforeAll(async () => {
  const small = { inputSize: 64, float: false };
  builtIn = await testPackage({ ...small, name: 'built-in' });
  flowers = await testPackage({ ...small, name: 'flowers', seed: 2 });
  birds = await testPackage({ ...small, name: 'birds', seed: 3 });
});
afterAll(() => Promise.all([builtIn, flowers, birds].map((model) => model.remove())));

beforeEach(async () => {
  state = await testState();
});
afterEach(async () => {
  await worker?.close();
  worker = undefined;
  await state.remove();
});

describe('hebb publish while npm start runs', () => {
  it('goes live, is listed, and is rolled back', async () => {
    worker = await state.serve(builtIn.dir);
    expect(await worker.serves()).toBe('built-in');
    expect((await state.hebb('models')).stdout).toContain('Nothing is published in npm start at');

    const first = await state.hebb('publish', flowers.dir);
    expect(first.stderr).toMatch(/publishing 100%/);
    expect(first.stdout).toContain(
      `flowers ${flowers.manifest.version.slice(0, 12)} is now current`,
    );
    expect(first.stdout).toContain('2 objects stored');
    expect(first.stdout).toContain('before it: the built-in model');
    expect(first.stdout).toMatch(/live after \d/);
    expect(await worker.serves()).toBe('flowers');

    await state.hebb('publish', birds.dir);
    expect(await worker.serves()).toBe('birds');
    const { stdout } = await state.hebb('models');
    expect(stdout).toMatch(/→ +birds .* current\n +flowers .*\n +\(built-in\)/);

    const back = await state.hebb('rollback');
    expect(back.stdout).toContain(`flowers ${flowers.manifest.version.slice(0, 12)} is current`);
    expect(await worker.serves()).toBe('flowers');
    expect((await state.hebb('models')).stdout).toMatch(
      /→ +flowers .* current\n.*\n +birds .* rolled back/,
    );

    const { stdout: json } = await state.hebb('rollback', '--to', 'built-in', '--json');
    expect(JSON.parse(json)).toMatchObject({ release: null, edge: { kind: 'live' } });
    expect(await worker.serves()).toBe('built-in');
  });

  it('does not upload the same package twice', async () => {
    worker = await state.serve(builtIn.dir);
    await state.hebb('publish', flowers.dir);
    const { code, stdout } = await state.hebb('publish', flowers.dir, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ moved: false, uploaded: [], previous: null });
  });

  it('publishes two packages at once one after the other', async () => {
    worker = await state.serve(builtIn.dir);
    const both = [flowers, birds].map(({ dir }) =>
      state.hebb('publish', dir, '--no-wait', '--json'),
    );
    const runs = await Promise.all(both);
    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    expect(runs.map(({ stderr }) => stderr).join('')).toContain('Waiting for another publisher');
    const releases = JSON.parse((await state.hebb('models', '--json')).stdout);
    expect([releases.current, ...releases.before].map(({ name }) => name).sort()).toEqual([
      'birds',
      'flowers',
    ]);
  });

  it('reports that the Worker refused a model, and which model it still serves', async () => {
    worker = await state.serve(builtIn.dir);
    await state.hebb('publish', flowers.dir);
    // The object is altered after it was published, so that the Worker cannot load it.
    const door = (await knock(state.folder, fetch))!;
    const key = `models/birds/${birds.manifest.version}/weights.int8.safetensors`;
    await state.hebb('publish', birds.dir, '--no-wait');
    await state.hebb('rollback', '--no-wait');
    await door.call(`/objects/${key}`, { method: 'PUT', body: 'something else' });
    const { code, stderr } = await state.hebb('rollback', '--to', birds.manifest.version);
    expect(code).toBe(1);
    expect(stderr).toContain('refused it: The model cannot be loaded');
    expect(stderr).toContain(`It still serves flowers ${flowers.manifest.version.slice(0, 12)}`);
    expect(stderr).toContain('hebb rollback');
    expect(await worker.serves()).toBe('flowers');
  });
});

describe('hebb publish while npm start does not run', () => {
  it('ignores the door of a killed server', async () => {
    await writeDoorFile(state.folder, {
      url: 'http://127.0.0.1:9',
      token: 'x',
      edge: 'http://localhost:8787',
      state: await stateIdentity(state.folder),
      runtimes: [],
      holder: { pid: 4_000_000, began: 'another boot:1' },
    });
    const { stdout } = await state.hebb('models');
    expect(stdout).toContain('Nothing is published in the local bucket hebb-models');
  });
});

describe('what cannot be published', () => {
  it.each([['without a report of the gate', { measured: false }, 'were not measured']])(
    'is a package %s',
    async (_, options, message) => {
      const model = await testPackage({ inputSize: 64, float: false, ...options });
      const { code, stderr } = await state.hebb('publish', model.dir);
      expect(code).toBe(1);
      expect(stderr).toContain('error not_quantized');
      expect(stderr).toContain(message);
      expect(stderr).toContain(`npx hebb quantize ${model.dir} --calibrate FOLDER`);
      await model.remove();
    },
  );

  it('is a folder without a package; nor can an unknown version be rolled back to', async () => {
    expect((await state.hebb('publish', 'nothing')).stderr).toContain('error file_not_found');
    worker = await state.serve(builtIn.dir);
    await state.hebb('publish', flowers.dir, '--no-wait');
    const { code, stderr } = await state.hebb('rollback', '--to', 'ffff0000');
    expect(code).toBe(1);
    expect(stderr).toContain('error model_not_found: No published model has the version ffff0000');
    expect(stderr).toContain('hebb models lists them');
    const other = await state.hebb('rollback', '--to', flowers.manifest.version.slice(0, 7));
    expect(other.stderr).toContain('is already current');
  });
});

it.each(['publish', 'rollback', 'models'])('hebb %s has examples in its help', async (command) => {
  const { stdout } = await state.hebb(command, '--help');
  expect(stdout).toContain(`Examples:\n  hebb ${command}`);
});
