import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import type { ErrorBody } from '@hebb/model/errors';
import { createKey, type MadeKey, rotateKey } from '@hebb/models/keys/keys';
import { recordName } from '@hebb/protocol/access/key-record';
import type { Scope } from '@hebb/protocol/access/scopes';
import { encoder, picture } from '@hebb/test/decode/pictures';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppDependencies, createApp } from '../app.ts';

// Three Workers, one for each HEBB_ACCESS; KV and the rate limiter are Miniflare's.
const DAY = 86_400_000;
/** Requests per minute. */
const LIMIT = 12;
const PAGE = 'https://shop.example.com';

let model: TestPackage;
let keys: TestWorker;
let open: TestWorker;
let local: TestWorker;
let jpeg: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  model = await testPackage({ classes: 10, inputSize: 64, float: false });
  jpeg = new Uint8Array(await encoder(picture(80, 60)).jpeg().toBuffer());
  const start = (vars: Record<string, string>) =>
    startWorker({
      model: model.dir,
      vars: { HEBB_KEY_AGE_MS: '0', HEBB_CORS_ORIGINS: `${PAGE}, https://b.example.com/`, ...vars },
      rateLimit: { limit: LIMIT, period: 60 },
    });
  keys = await start({ HEBB_ACCESS: 'keys' });
  open = await start({ HEBB_ACCESS: 'public' });
  local = await start({ HEBB_ACCESS: 'loopback' });
});
afterAll(async () => {
  await Promise.all([keys, open, local].map((worker) => worker.close()));
  await model.remove();
});

interface Answer {
  readonly status: number;
  readonly code?: string;
  readonly headers: IncomingMessage['headers'];
}

/** A request with any header, Host too. */
async function ask(
  worker: TestWorker,
  path: string,
  headers: Record<string, string> = {},
  method = path === '/v1/classify' ? 'POST' : 'GET',
): Promise<Answer> {
  const request = httpRequest(new URL(path, worker.url), { method, headers });
  request.end(method === 'POST' ? jpeg : undefined);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const body = response.headers['content-type']?.includes('json') ? await json(response) : {};
  response.resume();
  const { error } = body as Partial<ErrorBody>;
  if (error) expect(error.hint).toMatch(/.{10,}/);
  const { statusCode: status = 0 } = response;
  return { status, headers: response.headers, ...(error && { code: error.code }) };
}

let callers = 0;
/** A key, sent from an address of its own: look-ups of keys are limited per address. */
const bearer = (key: string) => ({
  Authorization: `Bearer ${key}`,
  'CF-Connecting-IP': `203.0.113.${++callers % 256}`,
});
const classify = (worker: TestWorker, headers?: Record<string, string>) =>
  ask(worker, '/v1/classify', headers);
const administer = (worker: TestWorker, headers?: Record<string, string>) =>
  ask(worker, '/debug/memory', headers);

/** A key in the Worker's KV. */
async function stored(made: MadeKey, worker = keys): Promise<string> {
  const namespace = await worker.miniflare.getKVNamespace('KEYS');
  await namespace.put(recordName(made.record.id), JSON.stringify(made.record));
  return made.key;
}
const keyFor = async (scopes: Scope[], worker = keys, lifeMs?: number, made = new Date()) =>
  await stored(await createKey({ name: 'test', scopes, ...(lifeMs && { lifeMs }) }, made), worker);

/**
 * Sends requests until the rate limit refuses one; returns that answer and those before. There are 12 or
 * more: Miniflare's counter starts again at each minute of the clock.
 */
async function untilLimited(ask: (i: number) => Promise<Answer>): Promise<[Answer, Answer[]]> {
  const before: Answer[] = [];
  for (;;) {
    const answer = await ask(before.length);
    if (answer.status === 429) {
      expect(before.length).toBeGreaterThanOrEqual(LIMIT);
      return [answer, before];
    }
    before.push(answer);
  }
}

const missing = { status: 401, code: 'key_required' };
const invalid = { status: 401, code: 'key_invalid' };

describe('HEBB_ACCESS=keys', () => {
  it('refuses requests without a key, and says what to send', async () => {
    const answer = await classify(keys);
    expect(answer).toMatchObject(missing);
    expect(answer.headers['www-authenticate']).toContain('Bearer');
    expect(await administer(keys)).toMatchObject(missing);
    for (const path of ['/', '/healthz', '/readyz', '/v1/models'])
      expect((await ask(keys, path)).status).toBe(200);
  });

  it('needs a key on every route except the open ones', async () => {
    // Only the list of routes is read, so no dependency is used.
    const anything: object = new Proxy({}, { get: () => anything });
    const { routes } = createApp(anything as AppDependencies);
    const openTo = async (path: string, method: string) =>
      (await ask(keys, path.replace(/:\w+/g, 'x'), {}, method)).code !== 'key_required';
    const open = new Set<string>();
    for (const { path, method } of routes) {
      if (method !== 'ALL' && (await openTo(path, method))) open.add(`${method} ${path}`);
    }
    expect([...open].sort()).toEqual([
      'GET /',
      'GET /assets/*',
      'GET /docs',
      'GET /healthz',
      'GET /network',
      'GET /openapi.json',
      'GET /readyz',
      'GET /v1/models',
    ]);
    for (const path of ['/v1/%63lassify', '/v1//classify', '/v1/classify/', '/v1/./classify'])
      expect((await ask(keys, path, {}, 'POST')).status).toBeGreaterThanOrEqual(401);
  });

  it('does not trust headers that claim a local origin', async () => {
    for (const headers of [
      { Host: 'localhost' },
      { 'CF-Connecting-IP': '127.0.0.1' },
      { 'X-Forwarded-For': '127.0.0.1' },
      { 'X-Forwarded-Host': 'localhost' },
      { 'MF-Original-URL': 'http://localhost/v1/classify' },
      { Origin: 'http://localhost' },
    ])
      expect(await classify(keys, headers as never)).toMatchObject(missing);
  });

  it('admits a key by its scopes', async () => {
    const one = bearer(await keyFor(['classify']));
    expect((await classify(keys, one)).status).toBe(200);
    expect(await administer(keys, one)).toMatchObject({ status: 403, code: 'scope_missing' });
    const other = bearer(await keyFor(['batch']));
    expect(await classify(keys, other)).toMatchObject({ status: 403, code: 'scope_missing' });
    const admin = bearer(await keyFor(['admin']));
    expect((await classify(keys, admin)).status).toBe(200);
    expect((await administer(keys, admin)).status).toBe(200);
  });

  it('refuses wrong keys', async () => {
    const key = await keyFor(['classify']);
    const [, id] = key.split('_');
    const other = await createKey({ name: 'never stored', scopes: ['admin'] }, new Date());
    const wrong = [
      other.key,
      `hebb_${id}_${other.key.split('_')[2]!.padEnd(43, 'A').slice(0, 43)}`,
      key.slice(0, -1),
      `${key}A`,
      key.toUpperCase(),
      'hebb',
      'null',
    ];
    for (const text of wrong) expect(await classify(keys, bearer(text))).toMatchObject(invalid);
    for (const header of [`Basic ${key}`, key, 'Bearer', `Bearer ${key} ${key}`])
      expect(await classify(keys, { Authorization: header })).toMatchObject(invalid);
  });

  it('stores no secret', async () => {
    const key = await keyFor(['classify']);
    const namespace = await keys.miniflare.getKVNamespace('KEYS');
    const text = (await namespace.get(recordName(key.split('_')[1]!), 'text'))!;
    const [secret] = key.split('_').slice(-1);
    expect(text).not.toContain(secret!);
    const { sha256 } = (JSON.parse(text) as MadeKey['record']).secrets[0]!;
    expect(await classify(keys, bearer(sha256))).toMatchObject(invalid);
  });

  it('refuses a key after its expiry, and at once after its removal', async () => {
    const ended = await keyFor(['classify'], keys, DAY, new Date(Date.now() - 2 * DAY));
    expect(await classify(keys, bearer(ended))).toMatchObject(invalid);
    const key = await keyFor(['classify'], keys, DAY);
    expect((await classify(keys, bearer(key))).status).toBe(200);
    await (await keys.miniflare.getKVNamespace('KEYS')).delete(recordName(key.split('_')[1]!));
    expect(await classify(keys, bearer(key))).toMatchObject(invalid);
  });

  it('accepts both keys for a while after a rotation, then only the new one', async () => {
    const first = await createKey({ name: 'test', scopes: ['classify'] }, new Date());
    const second = await rotateKey(first.record, { overlapMs: DAY }, new Date());
    await stored(second);
    for (const { key } of [first, second])
      expect((await classify(keys, bearer(key))).status).toBe(200);
    await stored(await rotateKey(first.record, { overlapMs: 0 }, new Date()));
    for (const { key } of [first, second])
      expect(await classify(keys, bearer(key))).toMatchObject(invalid);
  });

  it('refuses a key whose record is broken', async () => {
    const made = await createKey({ name: 'test', scopes: ['classify'] }, new Date());
    const namespace = await keys.miniflare.getKVNamespace('KEYS');
    const { record } = made;
    for (const text of [
      '{',
      'null',
      JSON.stringify({ ...record, scopes: ['all'] }),
      JSON.stringify({ ...record, id: '000000000000' }),
      JSON.stringify({ ...record, expiresAt: 'some day' }),
      JSON.stringify({ ...record, secrets: [] }),
    ]) {
      await namespace.put(recordName(record.id), text);
      expect(await classify(keys, bearer(made.key))).toMatchObject(invalid);
    }
  });

  it('limits the rate per key', async () => {
    const [busy, calm] = [await keyFor(['classify']), await keyFor(['classify'])];
    const [answer, before] = await untilLimited(() => classify(keys, bearer(busy)));
    expect(new Set(before.map(({ status }) => status))).toEqual(new Set([200]));
    expect(answer.code).toBe('rate_limited');
    expect(answer.headers['retry-after']).toBe('60');
    expect((await classify(keys, bearer(calm))).status).toBe(200);
  });

  it('limits the rate of made-up keys before reading KV', async () => {
    const invented = async () => (await createKey({ name: 'x', scopes: [] }, new Date())).key;
    const from = { 'CF-Connecting-IP': '198.51.100.99' };
    const [answer, before] = await untilLimited(async () =>
      classify(keys, { ...bearer(await invented()), ...from }),
    );
    expect(new Set(before.map(({ code }) => code))).toEqual(new Set(['key_invalid']));
    expect(answer.code).toBe('rate_limited');
  });
});

describe('CORS', () => {
  const preflight = { Origin: PAGE, 'Access-Control-Request-Method': 'POST' };

  it('admits listed origins, with preflights that need no key', async () => {
    const answer = await ask(keys, '/v1/classify', preflight, 'OPTIONS');
    expect(answer.status).toBe(204);
    expect(answer.headers['access-control-allow-origin']).toBe(PAGE);
    expect(answer.headers['access-control-allow-headers']).toContain('Authorization');
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
    const real = await classify(keys, { Origin: PAGE, ...bearer(await keyFor(['classify'])) });
    expect(real.headers['access-control-allow-origin']).toBe(PAGE);
    expect(real.headers.vary).toContain('Origin');
    const refused = await classify(keys, { Origin: 'https://b.example.com' });
    expect(refused.headers['access-control-allow-origin']).toBe('https://b.example.com');
  });

  it.each([
    'https://evil.example',
    'https://shop.example.com.evil.example',
    'http://shop.example.com',
    'null',
    'http://localhost:5173',
  ])('admits no other origin: %s', async (origin) => {
    const answer = await ask(keys, '/v1/classify', { ...preflight, Origin: origin }, 'OPTIONS');
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('HEBB_ACCESS=public', () => {
  it('needs no key for classifying, limited by address, and a key for the rest', async () => {
    const from = (address: string) => ({ 'CF-Connecting-IP': address });
    expect((await classify(open, from('198.51.100.1'))).status).toBe(200);
    expect(await administer(open, from('198.51.100.1'))).toMatchObject(missing);
    // One /64 is one customer.
    await untilLimited((i) => classify(open, from(`2001:db8:0:7::${i.toString(16)}`)));
    expect((await classify(open, from('2001:db8:0:8::1'))).status).toBe(200);
  });
});

describe('HEBB_ACCESS=loopback', () => {
  it('needs no key from this machine', async () => {
    expect((await classify(local)).status).toBe(200);
    expect((await administer(local)).status).toBe(200);
    const { port } = local.url;
    for (const host of [`localhost:${port}`, 'localhost', 'app.localhost', '127.0.0.2', '[::1]'])
      expect((await classify(local, { Host: host })).status).toBe(200);
  });

  it.each([
    [{ Host: 'evil.example' }, 'a name that was rebound to it'],
    [{ Host: '127.0.0.1.evil.example' }, 'a name like an address'],
    [{ Host: 'localhost.evil.example' }, 'a name like this machine’s'],
    [{ Host: '192.168.1.20' }, 'another address'],
    [{ 'CF-Connecting-IP': '203.0.113.5' }, 'a client elsewhere'],
    [{ 'X-Forwarded-For': '203.0.113.5' }, 'a proxy'],
    [{ Forwarded: 'for=203.0.113.5' }, 'a proxy'],
    [{ Via: '1.1 proxy' }, 'a proxy'],
    [{ 'CF-Ray': '8f0a' }, 'Cloudflare'],
    [{ Host: 'evil.example', 'MF-Original-URL': 'http://localhost/v1/classify' }, 'a liar'],
  ])('needs a key from elsewhere: %o, %s', async (headers, _who) => {
    expect(await classify(local, headers as never)).toMatchObject(missing);
    expect(await administer(local, headers as never)).toMatchObject(missing);
  });

  it('refuses pages of other sites in this machine’s browser', async () => {
    for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example'])
      expect(await classify(local, { Origin: origin })).toMatchObject({
        status: 403,
        code: 'origin_refused',
      });
    for (const origin of ['http://localhost:5173', 'http://127.0.0.1:8787', PAGE])
      expect((await classify(local, { Origin: origin })).status).toBe(200);
  });

  it('checks a key that is sent', async () => {
    const key = bearer(await keyFor(['classify'], local));
    expect((await classify(local, key)).status).toBe(200);
    expect(await administer(local, key)).toMatchObject({ status: 403 });
    expect(await classify(local, bearer('hebb_wrong'))).toMatchObject(invalid);
  });

  it('does not limit the rate of this machine', async () => {
    for (let i = 0; i < 14; i++) expect((await administer(local)).status).toBe(200);
  });
});
