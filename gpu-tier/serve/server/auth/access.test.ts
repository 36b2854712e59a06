/**
 * Clients that cannot sign, at a tier that has a secret: API keys, and loopback access.
 */
import { writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { createKey } from '@hebb/models/keys/keys';
import { noise } from '@hebb/test/graph/compare';
import { hebb } from '@hebb/test/support/cli';
import { pixelRequest } from '@hebb/test/support/open-inference';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { type TestTier, tierForTest } from '@hebb/test/support/tier';
import { spawnTier } from '@hebb/test/support/tier-process';
import { keysCommand } from 'hebb/keys';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { keysOfFile } from './key-book.ts';

const SIDE = 64;
const INFER = '/v2/models/birds/infer';
const SECRET = 'the secret of this very test';
const ONE = pixelRequest(noise(1, SIDE), SIDE);
const TWO = pixelRequest(noise(2, SIDE), SIDE);

let model: TestPackage;
beforeAll(async () => {
  model = await testPackage({ name: 'birds', inputSize: SIDE });
});
afterAll(() => model?.remove());

/** What a request with that key is answered: 200, or the code of the error. */
async function ask(tier: TestTier, key: string, request = ONE, path = INFER) {
  const headers = { ...request.headers, Authorization: `Bearer ${key}` };
  const { status, body } = await tier.json(path, { ...request, headers });
  return status === 200 ? status : (body as { code: string }).code;
}

const ADMIN = '/v2/repository/models/birds/load';

describe('a tier that reads keys from a file', () => {
  let file: string;
  let tier: TestTier;
  beforeEach(async () => {
    file = join(await temporaryFolder(), 'keys.json');
    await keys('create', '--name', 'first');
    tier = await tierForTest({ models: [model.dir], secrets: [SECRET], keys: [keysOfFile(file)] });
  });
  /** `hebb keys … --file FILE`; what it prints. */
  const keys = async (...args: string[]): Promise<string> => {
    const run = await hebb(['keys', ...args, '--file', file], { commands: [keysCommand] });
    expect(run).toMatchObject({ code: 0 });
    return run.stdout.trim();
  };
  /** Waits until a change of the file is effective: the tier reads it once per second. */
  const until = async (key: string, answer: number | string) => {
    while ((await ask(tier, key)) !== answer) await new Promise((r) => setTimeout(r, 50));
  };

  it('accepts a key within its scopes', async () => {
    const one = await keys('create', '--name', 'one');
    const many = await keys('create', '--name', 'many', '--scope', 'batch');
    const admin = await keys('create', '--name', 'admin', '--scope', 'admin');
    await until(admin, 200);
    expect([await ask(tier, one), await ask(tier, one, TWO)]).toEqual([200, 'scope_missing']);
    expect([await ask(tier, many), await ask(tier, many, TWO)]).toEqual([200, 200]);
    const load = { ...ONE, headers: {}, body: new Uint8Array() };
    expect(await ask(tier, many, load, ADMIN)).toBe('scope_missing');
    expect(await ask(tier, admin, load, ADMIN)).toBe(200);
    // The log has the id of the key, not the key.
    expect(tier.logged.at(-1)).toMatchObject({ caller: admin.split('_')[1] });
    expect(JSON.stringify(tier.logged)).not.toContain(admin.split('_')[2]);
  });

  it('notices new, rotated and revoked keys while it runs', async () => {
    const key = await keys('create', '--name', 'the shop');
    await until(key, 200);
    const id = key.split('_')[1]!;
    const next = await keys('rotate', id, '--overlap', '0s');
    await until(next, 200);
    expect(await ask(tier, key)).toBe('key_invalid');
    await keys('revoke', id);
    await until(next, 'key_invalid');
    expect(await keys('list')).toMatch(/first +classify/);
  });

  it('names a missing key, and refuses an invalid one', async () => {
    expect(await tier.json(INFER, ONE)).toMatchObject({
      status: 401,
      body: { code: 'key_required', hint: expect.stringContaining('Authorization: Bearer KEY') },
    });
    const { key: stranger } = await createKey({ name: 'x', scopes: ['admin'] }, new Date());
    for (const key of [stranger, 'hebb', '']) {
      expect(await ask(tier, key)).toBe('key_invalid');
    }
    const { key: ended } = await createKey({ name: 'x', scopes: ['admin'], lifeMs: 0 }, new Date());
    expect(await ask(tier, ended)).toBe('key_invalid');
  });

  it('refuses all keys while the file is unreadable, and logs it once', async () => {
    const key = await keys('create', '--name', 'the shop');
    await until(key, 200);
    const good = (await import('node:fs')).readFileSync(file);
    await writeFile(file, '[{"id":');
    await until(key, 'keys_unreadable');
    expect(await ask(tier, key)).toBe('keys_unreadable');
    await writeFile(file, good);
    await until(key, 200);
    const events = tier.logged.map(({ event }) => event).filter((event) => /^keys_/.test(event));
    expect(events).toEqual(['keys_unreadable', 'keys_readable']);
  });
});

describe('hebb serve', () => {
  const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const options = ['--model', model.dir, '--port', '0', '--max-batch-size', '1'];
    const tier = spawnTier([...options, ...args], { env: { ...process.env, ...env } });
    onTestFinished(async () => {
      tier.kill('SIGKILL');
      await tier.exit;
    });
    return tier;
  };

  it('takes keys from the environment', async () => {
    const { key, record } = await createKey({ name: 'x', scopes: ['classify'] }, new Date());
    const tier = start([], { HEBB_KEYS: JSON.stringify([record]), HEBB_HOP_SECRET: SECRET });
    const infer = new URL(INFER, await tier.ready());
    expect((await fetch(infer, ONE)).status).toBe(401);
    const headers = { ...ONE.headers, Authorization: `Bearer ${key}` };
    expect((await fetch(infer, { ...ONE, headers })).status).toBe(200);
  });

  it.each([
    [['--keys', '/nowhere/keys.json'], 'error file_not_found: The key file cannot be read'],
    [['--keys', import.meta.filename], 'is not a JSON list of key records'],
    [['--host', '0.0.0.0', '--access', 'loopback'], '--host 0.0.0.0 is not a loopback address'],
  ])('refuses to start with %j', async (args, message) => {
    const tier = start(args);
    expect(await tier.exit).not.toBe(0);
    expect(tier.stderr()).toContain(message);
  });
});

describe('a tier with loopback access', () => {
  it('requires a key or signature, except from this machine', async () => {
    const options = { models: [model.dir], secrets: [SECRET], loopback: true };
    const tier = await tierForTest(options);
    const { port } = new URL(tier.url);
    const from = async (headers: Readonly<Record<string, string>>) => {
      const all = { ...ONE.headers, ...headers };
      return await new Promise<number | undefined>((resolve, reject) => {
        const outgoing = httpRequest(tier.url + INFER, { method: 'POST', headers: all }, (answer) =>
          answer.resume().once('end', () => resolve(answer.statusCode)),
        );
        outgoing.once('error', reject).end(ONE.body);
      });
    };
    expect(await from({})).toBe(200);
    expect(await from({ Host: `localhost:${port}` })).toBe(200);
    expect(await from({ Host: 'rebound.example' })).toBe(401); // a name that leads to 127.0.0.1
    expect(await from({ 'X-Forwarded-For': '203.0.113.7' })).toBe(401); // a proxy on this machine
    expect(await from({ Origin: 'https://evil.example' })).toBe(403); // a page
  });
});
