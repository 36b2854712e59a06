import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { utimes } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { ROOT } from '@hebb/local/bundle';
import { RELEASES_KEY } from '@hebb/model';
import { type TestState, testState } from '@hebb/test/publish/state';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readDoorFile, stateLock } from './door/file.ts';
import { knock, STATE_HEADER } from './door/knock.ts';
import { type DoorBucket, type DoorRegistry, openDoor } from './door/server.ts';

let builtIn: TestPackage;
let flowers: TestPackage;
let worker: TestWorker;
let state: TestState;

beforeAll(async () => {
  builtIn = await testPackage({ name: 'built-in', inputSize: 64, float: false });
  flowers = await testPackage({ name: 'flowers', inputSize: 64, seed: 2 });
});
afterAll(() => Promise.all([builtIn.remove(), flowers.remove()]));

beforeEach(async () => {
  state = await testState();
  worker = await startWorker({ model: builtIn.dir, vars: { HEBB_POINTER_AGE_MS: '0' } });
});
afterEach(async () => {
  await worker.close();
  await state.remove();
});

/** The door of the Worker; calls `onWrite` before every write. */
async function door(onWrite: (key: string) => Promise<void>) {
  const bucket = (await worker.miniflare.getR2Bucket('MODELS')) as unknown as DoorBucket;
  const registry = (await worker.miniflare.getKVNamespace('REGISTRY')) as unknown as DoorRegistry;
  return await openDoor({
    state: state.folder,
    edge: worker.url.origin,
    bucket: {
      get: (key) => bucket.get(key),
      put: async (...args) => {
        await onWrite(args[0]);
        return await bucket.put(...args);
      },
    },
    registry: {
      get: (key) => registry.get(key),
      put: async (...args) => {
        await onWrite(args[0]);
        await registry.put(...args);
      },
    },
  });
}

const serves = async () => {
  const { models } = (await (await worker.fetch('/v1/models')).json()) as {
    models: { name: string }[];
  };
  return models[0]!.name;
};

/** `hebb publish`, as a child process that can be killed. */
function publisher(): ChildProcess {
  const main = join(ROOT, 'gpu-tier', 'cli', 'main.ts');
  return spawn(process.execPath, [main, 'publish', flowers.dir, '--no-wait'], {
    env: { ...process.env, HEBB_STATE: state.folder },
    stdio: 'ignore',
  });
}

describe('a publisher that is killed', () => {
  it.each([
    ['before its second object is stored', 'weights.int8.safetensors', 1],
    ['before the pointer is moved', RELEASES_KEY, 3],
  ])(
    '%s leaves the old model live, and the next run does not send its objects again',
    async (_, key, sent) => {
      expect(await serves()).toBe('built-in');
      let child: ChildProcess | undefined;
      const first = await door(async (written) => {
        if (!written.endsWith(key)) return;
        const gone = once(child!, 'exit');
        child!.kill('SIGKILL');
        await gone;
        throw new Error('killed');
      });
      child = publisher();
      const [code, signal] = await once(child, 'exit');
      expect([code, signal]).toEqual([null, 'SIGKILL']);
      await first.close();
      expect(await serves()).toBe('built-in');

      // The lock of a killed publisher counts as abandoned only after some seconds: pretend they have passed.
      await utimes(stateLock(state.folder), 0, 0);
      const second = await door(async () => {});
      const { stdout } = await state.hebb('publish', flowers.dir, '--json');
      const { uploaded, skipped } = JSON.parse(stdout);
      expect([uploaded.length, skipped.length]).toEqual([3 - sent, sent]);
      expect(await serves()).toBe('flowers');
      await second.close();
    },
  );
});

describe('the door', () => {
  it('needs the token of its file, and listens on loopback only', async () => {
    const { close } = await door(async () => {});
    const { url, token } = (await readDoorFile(state.folder))!;
    expect(new URL(url).hostname).toBe('127.0.0.1');
    for (const Authorization of ['', 'Bearer x', `Bearer ${token}x`]) {
      const put = { method: 'PUT', body: '{}', headers: { Authorization } };
      expect((await fetch(`${url}/keys/current`, put)).status).toBe(401);
    }
    const opened = (await knock(state.folder, fetch))!;
    expect((await opened.call('/keys/current')).status).toBe(404);
    expect((await opened.call('/other')).status).toBe(404);
    expect((await opened.call('/keys/current', { method: 'DELETE' })).status).toBe(405);
    await close();
    expect(await readDoorFile(state.folder)).toBeUndefined();
  });

  it('stores nothing of a body that is cut off', async () => {
    const { close } = await door(async () => {});
    const { url, token, state: identity } = (await readDoorFile(state.folder))!;
    const cut = request(`${url}/objects/half`, {
      method: 'PUT',
      headers: {
        Authorization: `Bearer ${token}`,
        [STATE_HEADER]: identity,
        'Content-Length': '1000',
      },
    });
    cut.on('error', () => {});
    cut.write('x'.repeat(500));
    cut.flushHeaders();
    await new Promise((resolve) => cut.once('socket', (socket) => socket.once('connect', resolve)));
    cut.destroy();
    const bucket = await worker.miniflare.getR2Bucket('MODELS');
    expect(await bucket.get('half')).toBeNull();
    await close();
  });
});
