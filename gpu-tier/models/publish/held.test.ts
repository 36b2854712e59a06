import { cp, rm } from 'node:fs/promises';
import { type RunningWorker, type TestState, testState } from '@hebb/test/publish/state';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDoorFile, writeDoorFile } from './door/file.ts';
import { stateIdentity } from './door/identity.ts';
import { knock, STATE_HEADER } from './door/knock.ts';

let builtIn: TestPackage;
let flowers: TestPackage;
let state: TestState;
let worker: RunningWorker;

beforeEach(async () => {
  const small = { inputSize: 64, float: false };
  builtIn = await testPackage({ ...small, name: 'built-in' });
  flowers = await testPackage({ ...small, name: 'flowers', seed: 2 });
  state = await testState();
  worker = await state.serve(builtIn.dir);
});
afterEach(async () => {
  await worker.close();
  await Promise.all([state, builtIn, flowers].map((one) => one.remove()));
});

describe('a state that was copied while npm start ran on it', () => {
  let copy: TestState;

  beforeEach(async () => {
    copy = await testState();
    await cp(state.folder, copy.folder, { recursive: true, force: true });
    await rm(`${copy.folder}/hebb.lock`, { recursive: true, force: true });
  });
  afterEach(() => copy.remove());

  it('has no door: publishing to it does not change the original', async () => {
    expect(await readDoorFile(copy.folder)).toEqual(await readDoorFile(state.folder));
    expect(await knock(copy.folder, fetch)).toBeUndefined();
    expect((await state.hebb('publish', flowers.dir)).code).toBe(0);
    const { stdout } = await copy.hebb('models'); // at-rest.long.test.ts publishes to one
    expect(stdout).toContain('Nothing is published in the local bucket');
  });

  it('is refused by the server of the original, even with an altered file', async () => {
    const file = (await readDoorFile(state.folder))!;
    const own = await stateIdentity(copy.folder);
    await writeDoorFile(copy.folder, {
      ...file,
      state: own,
      holder: { pid: 4_000_000, began: 'another boot:1' },
    });
    expect(await knock(copy.folder, fetch)).toBeUndefined();
    const headers = { Authorization: `Bearer ${file.token}`, [STATE_HEADER]: own };
    const put = { method: 'PUT', body: '{}', headers };
    expect((await fetch(`${file.url}/keys/current`, put)).status).toBe(421);
  });
});

describe('a state that a server uses', () => {
  it('refuses a second server, naming the first; is free once the first has ended', async () => {
    await expect(state.serve(builtIn.dir)).rejects.toMatchObject({
      code: 'state_in_use',
      message: expect.stringMatching(
        `${state.folder} is held by process ${process.pid}, the npm start at http://localhost:`,
      ),
    });
    expect(await worker.serves()).toBe('built-in');
    // As after kill -9: the file is there, but its process is not running.
    const file = (await readDoorFile(state.folder))!;
    await worker.close();
    await writeDoorFile(state.folder, {
      ...file,
      holder: { pid: process.pid, began: 'another boot:7' },
    });
    worker = await state.serve(builtIn.dir);
    expect(await worker.serves()).toBe('built-in');
  });

  it('is not changed while its server runs but does not answer', async () => {
    const file = (await readDoorFile(state.folder))!;
    await writeDoorFile(state.folder, { ...file, url: 'http://127.0.0.1:9' }); // nothing answers there
    const { code, stderr } = await state.hebb('publish', flowers.dir);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `error state_in_use: ${state.folder} is held by process ${process.pid}`,
    );
    expect(stderr).toContain('but does not answer');
    await writeDoorFile(state.folder, file);
    expect((await state.hebb('publish', flowers.dir)).stdout).toContain('serves flowers');
  });
});
