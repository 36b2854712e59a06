import { request as httpRequest } from 'node:http';
import { noise } from '@hebb/test/graph/compare';
import { metric } from '@hebb/test/support/metrics';
import { jsonRequest, pixelRequest } from '@hebb/test/support/open-inference';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { type TestTier, tierForTest } from '@hebb/test/support/tier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const SIDE = 64;
const INFER = '/v2/models/birds/infer';

let model: TestPackage;
beforeAll(async () => {
  model = await testPackage({ name: 'birds', inputSize: SIDE });
});
afterAll(() => model?.remove());

const start = (options: Partial<Parameters<typeof tierForTest>[0]> = {}) =>
  tierForTest({ models: [model.dir], ...options });

/** A tier whose queue waits for full batches of 8. */
const startWaiting = (options: Partial<Parameters<typeof tierForTest>[0]> = {}) =>
  start({ maxQueueDelay: 86_400_000, ...options });

const depth = (tier: TestTier) => tier.models.get('birds').queueDepth();

async function queued(tier: TestTier, images: number): Promise<void> {
  while (depth(tier) !== images) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('the queue', () => {
  it('answers 503 with Retry-After when it is full, and takes more when it is not', async () => {
    const tier = await startWaiting({ maxQueueSize: 7 });
    const waiting = tier.json(INFER, pixelRequest(noise(5, SIDE), SIDE));
    await queued(tier, 5);
    const refused = await tier.fetch(INFER, pixelRequest(noise(3, SIDE), SIDE));
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThanOrEqual(1);
    expect(await refused.json()).toMatchObject({
      error: '5 images are already queued.',
      code: 'overloaded',
    });
    const metrics = await (await tier.fetch('/metrics')).text();
    expect(metric(metrics, 'hebb_queue_depth')).toBe(5);
    const two = tier.json(INFER, pixelRequest(noise(2, SIDE), SIDE)); // 7, which may wait
    await queued(tier, 7);
    await tier.stop(); // shutdown starts incomplete batches
    expect([(await waiting).status, (await two).status]).toEqual([200, 200]);
  });

  it('is left by a request whose client has disconnected', async () => {
    const tier = await startWaiting();
    const gone = new AbortController();
    const request = pixelRequest(noise(5, SIDE), SIDE);
    const answer = tier.fetch(INFER, { ...request, signal: gone.signal });
    await queued(tier, 5);
    gone.abort();
    await expect(answer).rejects.toThrow('aborted');
    await queued(tier, 0);
    const metrics = await (await tier.fetch('/metrics')).text();
    expect(metrics).toContain('hebb_requests_total{model="birds",outcome="cancelled"} 1');
    // Nothing was computed for it.
    expect(metrics).not.toMatch(/hebb_inference_count_total\{/);
  });

  // That a deadline which can be met cuts the delay short: test/batching, on a clock of its own.
  it.each([
    ['the parameter timeout, in microseconds', { timeout: 1 }, {}],
    ['the header, in milliseconds', {}, { 'X-Request-Timeout-Ms': '1' }],
  ])('is left by a request after its timeout: %s', async (_name, parameters, headers) => {
    const tier = await startWaiting();
    const request = pixelRequest(noise(1, SIDE), SIDE, { parameters });
    Object.assign(request.headers, headers);
    const { status, body } = await tier.json(INFER, request);
    expect([status, body]).toMatchObject([504, { code: 'deadline_exceeded' }]);
    expect(depth(tier)).toBe(0);
  });

  it('refuses invalid timeouts', async () => {
    const tier = await start();
    for (const text of ['0', '-5', 'soon', '1e3']) {
      const request = pixelRequest(noise(1, SIDE), SIDE);
      request.headers['X-Request-Timeout-Ms'] = text;
      expect((await tier.json(INFER, request)).status).toBe(400);
    }
  });
});

describe('bodies', () => {
  it('have a size limit, with or without Content-Length, compressed or not', async () => {
    const tier = await start({ maxBody: 20_000 });
    const small = pixelRequest(noise(1, SIDE), SIDE);
    expect((await tier.json(INFER, small)).status).toBe(200);
    const large = pixelRequest(noise(2, SIDE), SIDE);
    const { status, body } = await tier.json(INFER, large);
    expect([status, body]).toMatchObject([413, { code: 'body_too_large' }]);
    expect(await sendInPieces(tier.url, large.body)).toMatchObject([413, 'body_too_large']);
    const { gzipSync } = await import('node:zlib');
    const packed = new Uint8Array(gzipSync(Buffer.alloc(1_000_000)));
    const headers = { 'Content-Encoding': 'gzip' };
    const bomb = await tier.json(INFER, { method: 'POST', body: packed, headers });
    expect(bomb).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
  });

  it('share a budget, which they release when they are answered', async () => {
    const tier = await startWaiting({ maxBodies: 100_000 });
    const waiting = tier.json(INFER, pixelRequest(noise(5, SIDE), SIDE)); // 61 kB
    await queued(tier, 5);
    const refused = await tier.fetch(INFER, pixelRequest(noise(4, SIDE), SIDE)); // 49 kB
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({
      error: expect.stringMatching(/^The requests in progress hold \d+ of 100000 bytes\.$/),
    });
    const rest = tier.json(INFER, pixelRequest(noise(3, SIDE), SIDE)); // 8 images: a batch
    expect([(await waiting).status, (await rest).status]).toEqual([200, 200]);
    const again = tier.json(INFER, pixelRequest(noise(8, SIDE), SIDE)); // 98 kB
    expect((await again).status).toBe(200);
  });

  it('have a smaller limit for JSON, since parsing blocks the server', async () => {
    const tier = await start();
    const data = Array.from({ length: 9_000_000 }, () => 0);
    const input = { name: 'image', shape: [1], datatype: 'UINT8', data };
    const { status, body } = await tier.json(INFER, jsonRequest({ inputs: [input] }));
    expect([status, body]).toMatchObject([413, { hint: expect.stringContaining('binary') }]);
  });

  it('are refused if they do not have their Content-Encoding', async () => {
    const tier = await start();
    const headers = { 'Content-Encoding': 'gzip' };
    const answer = await tier.json(INFER, { method: 'POST', body: 'plain', headers });
    expect(answer).toMatchObject({ status: 400, body: { error: 'The body is not valid gzip.' } });
  });
});

/** Sends a body without saying how long it is. */
function sendInPieces(url: string, body: Uint8Array): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url + INFER, { method: 'POST' }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () => {
        const { code } = JSON.parse(Buffer.concat(chunks).toString()) as { code: string };
        resolve([response.statusCode, code]);
      });
    });
    outgoing.once('error', reject);
    for (let at = 0; at < body.length; at += 4096) outgoing.write(body.subarray(at, at + 4096));
    outgoing.end();
  });
}
