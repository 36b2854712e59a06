/**
 * Long texts of callers, up to the limit of a request's headers: they cause no internal error.
 */

import type { ErrorBody } from '@hebb/model/errors';
import { encoder, picture } from '@hebb/test/decode/pictures';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { tar } from '@hebb/test/support/tar-writer';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const LONG = 'x'.repeat(9_000);

let model: TestPackage;
let worker: TestWorker;
let jpeg: Uint8Array<ArrayBuffer>;
let archive: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  model = await testPackage({ classes: 10, inputSize: 64, float: false });
  const vars = { HEBB_CACHE_SECONDS: '60' };
  worker = await startWorker({ model: model.dir, vars, rateLimit: { limit: 1000, period: 60 } });
  jpeg = new Uint8Array(await encoder(picture(80, 60)).jpeg().toBuffer());
  archive = new Uint8Array(tar([{ path: 'a.jpg', content: jpeg }]));
});
afterAll(async () => {
  await worker?.close();
  await model?.remove();
});

type Headers = Record<string, string>;

const post = (path: string, body: Uint8Array<ArrayBuffer> | string, headers: Headers = {}) =>
  worker.fetch(path, { method: 'POST', body, headers });
const sendArchive = (path: string, key: string) =>
  post(path, archive, { 'Content-Type': 'application/x-tar', 'Idempotency-Key': key });

async function errorOf(response: Response) {
  const { error } = (await response.json()) as ErrorBody;
  return { status: response.status, ...error };
}

/** The answer once the first one has been stored. */
async function again(request: () => Promise<Response>): Promise<Response> {
  for (;;) {
    const response = await request();
    if (response.status !== 409) return response;
    await response.text();
  }
}

describe('a long query', () => {
  it('of a batch with an Idempotency-Key distinguishes repetitions from other requests', async () => {
    const first = await sendArchive(`/v1/batch?x=${LONG}`, 'long query');
    expect(first.status).toBe(200);
    const text = await first.text();
    const repeated = await again(() => sendArchive(`/v1/batch?x=${LONG}`, 'long query'));
    expect(repeated.headers.get('idempotency-replayed')).toBe('true');
    expect(await repeated.text()).toBe(text);
    const other = await errorOf(await sendArchive(`/v1/batch?x=${LONG}y`, 'long query'));
    expect(other).toMatchObject({ status: 422, code: 'idempotency_reused' });
  });

  it('of a job with an Idempotency-Key is accepted', async () => {
    const first = await sendArchive(`/v1/jobs?x=${LONG}`, 'long job');
    expect(first.status).toBe(202);
    const repeated = await sendArchive(`/v1/jobs?x=${LONG}`, 'long job');
    expect(repeated.headers.get('idempotency-replayed')).toBe('true');
    expect(await repeated.json()).toMatchObject({
      id: ((await first.json()) as { id: string }).id,
    });
  });

  it('of one image is accepted, and does not affect the cache', async () => {
    const path = `/v1/classify?top=2&x=${LONG}`;
    const first = (await (await post(path, jpeg)).json()) as object;
    expect(first).toHaveProperty('predictions');
    expect(await (await post('/v1/classify?top=2', jpeg)).json()).toMatchObject({ cached: true });
  });

  it.each([
    ['top', 'invalid_argument'],
    ['tier', 'invalid_argument'],
    ['escalate_below', 'invalid_argument'],
  ])('of the parameter %s is refused with a short message', async (name, code) => {
    const { message, ...error } = await errorOf(await post(`/v1/classify?${name}=${LONG}`, jpeg));
    expect(error).toMatchObject({ status: 400, code });
    expect(message.length).toBeLessThan(300);
  });

  it('of digits is read as a number', async () => {
    const digits = '0'.repeat(9_000);
    const query = `top=${digits}2&escalate_below=0.${digits}1`;
    const answer = (await (await post(`/v1/classify?${query}`, jpeg)).json()) as object;
    expect(answer).toMatchObject({ predictions: [{}, {}] });
  });

  it('as a webhook or as a job id is refused with a short message', async () => {
    const webhook = await errorOf(
      await sendArchive(`/v1/jobs?webhook=https://h.example/${LONG}`, 'long webhook'),
    );
    expect(webhook).toMatchObject({ status: 403, code: 'webhook_refused' });
    const after = await errorOf(await worker.fetch(`/v1/jobs?after=${LONG}`));
    expect(after).toMatchObject({ status: 404, code: 'job_not_found' });
    for (const { message } of [webhook, after]) expect(message.length).toBeLessThan(400);
  });
});

describe('a long header', () => {
  it.each(['/v1/batch', '/v1/jobs'])(
    'Idempotency-Key of %s is refused with its limit',
    async (path) => {
      const error = await errorOf(await sendArchive(path, 'k'.repeat(256)));
      expect(error).toMatchObject({ status: 400, code: 'invalid_argument' });
      expect(error.message).toContain('255');
      const longest = await sendArchive(path, 'k'.repeat(255));
      expect([200, 202]).toContain(longest.status);
      await longest.text();
    },
  );

  it.each([
    'X-Request-Id',
    'CF-Connecting-IP',
    'Authorization',
    'Content-Type',
    'Content-Encoding',
    'Cache-Control',
    'Origin',
    'If-None-Match',
    'Accept',
  ])('%s is not an internal error, and is not repeated', async (name) => {
    for (const [path, body] of [
      ['/v1/classify', jpeg],
      ['/v1/batch', archive],
      ['/v1/jobs', archive],
    ] as const) {
      const headers = { 'Content-Type': 'application/x-tar', [name]: LONG };
      const response = await post(path, body, headers);
      expect(response.status, path).toBeLessThan(500);
      expect((await response.text()).length, path).toBeLessThan(3_000);
      expect(response.headers.get('x-request-id')!.length).toBeLessThan(256);
    }
  });
});

describe('a long name', () => {
  const NAMES = [
    LONG,
    '日本語'.repeat(1_500),
    '🌻'.repeat(2_000),
    '%'.repeat(9_000),
    '\ud800'.repeat(500),
  ];

  it('of an image in a job is cut at the border of a character', async () => {
    const image = Buffer.from(jpeg).toString('base64');
    const lines = NAMES.map((name) => `${JSON.stringify({ name, image })}\n`).join('');
    const response = await post('/v1/jobs', lines, { 'Content-Type': 'application/x-ndjson' });
    expect(response.status).toBe(202);
    const { id } = (await response.json()) as { id: string };
    const bucket = await worker.miniflare.getR2Bucket('JOBS');
    const { objects } = await bucket.list({
      prefix: `jobs/${id}/inputs/`,
      include: ['customMetadata'],
    } as never);
    for (const [i, { customMetadata }] of objects.entries()) {
      const stored = decodeURIComponent(customMetadata!.name!);
      expect(stored.length).toBeGreaterThan(80);
      expect(customMetadata!.name!.length).toBeLessThanOrEqual(1024);
      expect(NAMES[i]!.toWellFormed().startsWith(stored)).toBe(true);
    }
  });

  it('of a file in a batch is kept in its line', async () => {
    const path = `${'n'.repeat(95)}.jpg`;
    const body = new Uint8Array(tar([{ path, content: jpeg }]));
    const response = await post('/v1/batch', body, { 'Content-Type': 'application/x-tar' });
    expect(JSON.parse(await response.text())).toMatchObject({ name: path });
  });
});

it('a long path is answered with a short message', async () => {
  for (const path of [`/${LONG}`, `/v1/jobs/${LONG}`, `/v1/models/${LONG}/files/${LONG}`]) {
    const { status, message } = await errorOf(await worker.fetch(path));
    expect(status).toBe(404);
    expect(message.length).toBeLessThan(300);
  }
});
