import { encoder, picture } from '@hebb/test/decode/pictures';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Classification } from '../classification.ts';
import { ResultCache } from './result-cache.ts';

let model: TestPackage;
let worker: TestWorker;

beforeAll(async () => {
  model = await testPackage({ classes: 10, inputSize: 64 });
  worker = await startWorker({ model: model.dir, vars: { HEBB_CACHE_SECONDS: '3600' } });
});
afterAll(async () => {
  await worker.close();
  await model.remove();
});

/** A JPEG that no other test has sent. */
const photo = async (width: number) =>
  new Uint8Array(await encoder(picture(width, 100)).jpeg().toBuffer());

async function classify(
  image: Uint8Array<ArrayBuffer>,
  path = '',
  headers: Record<string, string> = {},
) {
  const init = { method: 'POST', body: image, headers };
  const response = await worker.fetch(`/v1/classify${path}`, init);
  expect(response.status).toBe(200);
  const answer = (await response.json()) as Classification;
  expect(response.headers.get('x-hebb-cache')).toBe(answer.cached ? 'hit' : 'miss');
  return answer;
}

/** Repeats the request until the answer comes from the cache, which is written after the response. */
async function untilCached(image: Uint8Array<ArrayBuffer>, path = ''): Promise<Classification> {
  for (;;) {
    const answer = await classify(image, path);
    if (answer.cached) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Waits for pending writes of the cache: they happen in order, and the last one can be observed.
 */
async function untilWritten(): Promise<void> {
  await untilCached(await photo(200 + widths++));
}
let widths = 0;

describe('a cached answer', () => {
  it('is sent again and marked as cached', async () => {
    const image = await photo(101);
    const first = await classify(image);
    expect(first).not.toHaveProperty('cached');
    const second = await untilCached(image);
    expect(second).toEqual({ ...first, cached: true, timing: { decode_ms: 0, infer_ms: 0 } });
  });

  it('does not depend on how the image is sent', async () => {
    const image = await photo(102);
    await untilCached(image);
    const form = new FormData();
    form.set('image', new Blob([image]));
    const response = await worker.fetch('/v1/classify', { method: 'POST', body: form });
    expect(await response.json()).toMatchObject({ cached: true });
  });

  it('is used for the same bytes and the same options only', async () => {
    const image = await photo(103);
    await untilCached(image, '?top=3');
    expect((await classify(image, '?top=4')).cached).toBeUndefined();
    expect((await classify(image, '?top=3&engine=tfjs')).cached).toBeUndefined();
    expect((await classify(image, '?engine=int8&top=3')).cached).toBe(true);
    const other = image.slice();
    other[other.length - 3]! ^= 1;
    expect((await classify(other, '?top=3')).cached).toBeUndefined();
  });

  it('is not read with no-cache, and neither read nor written with no-store', async () => {
    const image = await photo(104);
    await classify(image, '', { 'Cache-Control': 'no-store' });
    await untilWritten();
    expect((await classify(image)).cached).toBeUndefined();
    await untilCached(image);
    expect((await classify(image, '', { 'Cache-Control': 'no-cache' })).cached).toBeUndefined();
    expect((await classify(image, '', { 'Cache-Control': 'no-store' })).cached).toBeUndefined();
    expect((await classify(image)).cached).toBe(true);
  });

  it('is not kept if the GPU tier should have confirmed it and could not', async () => {
    const image = await photo(107);
    await classify(image, '?escalate_below=0.99');
    await untilWritten();
    expect((await classify(image, '?escalate_below=0.99')).cached).toBeUndefined();
    await untilCached(image, '?escalate_below=0.001');
  });

  it('is never an error', async () => {
    const broken = (await photo(105)).subarray(0, 400).slice();
    for (let i = 0; i < 2; i++) {
      const response = await worker.fetch('/v1/classify', { method: 'POST', body: broken });
      expect(response.status).toBe(422);
    }
  });
});

describe('a cache entry', () => {
  const both = { read: true, write: true };
  const image = new Uint8Array([1, 2, 3]);
  const open = () => Promise.reject(new Error('nobody asks for it'));
  const cache = new ResultCache({ open, maxAgeSeconds: 60 });

  it('differs for another model', async () => {
    const first = await cache.entry(image, 'aa', { top: 5 }, both);
    const second = await cache.entry(image, 'bb', { top: 5 }, both);
    expect(first!.url).not.toBe(second!.url);
    expect(first).toEqual(await cache.entry(image, 'aa', { top: 5, tier: undefined }, both));
  });

  it('does not store the answer of another model, as an outdated GPU tier gives it', async () => {
    const entry = await cache.entry(image, 'aa', {}, both);
    const kept: Promise<unknown>[] = [];
    cache.keep(entry, { model: { version: 'bb' } }, (promise) => kept.push(promise));
    expect(kept).toEqual([]);
  });

  it('does not exist if the cache is disabled', async () => {
    const off = new ResultCache({ open, maxAgeSeconds: 0 });
    expect(await off.entry(image, 'aa', {}, both)).toBeUndefined();
    expect(await off.find(undefined)).toBeUndefined();
  });
});
