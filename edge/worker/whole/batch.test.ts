/**
 * Batches through the real Worker and the real GPU tier behind a faulty proxy.
 */

import { encoder, picture } from '@hebb/test/decode/pictures';
import {
  type MisbehavingTier,
  type Misbehaviour,
  misbehavingTier,
  RETRY_AFTER,
} from '@hebb/test/support/misbehaving-tier';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { LONG_MS } from '@hebb/test/support/patient-limits';
import { tar } from '@hebb/test/support/tar-writer';
import { BACKEND, startTier, type TestTier, tierForTest } from '@hebb/test/support/tier';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { workerForTest } from '@hebb/test/support/worker-for-test';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Classification } from '../classification.ts';
import { LIMITS } from '../limits.ts';
import type { SomeLimits } from '../limits-of.ts';
import type { ItemResult } from '../routing/result.ts';

const SECRET = 'the secret of these very tests';

let model: TestPackage;
let tier: TestTier;
/** With a healthy tier. Tests with a faulty one have a Worker of their own, whose breaker may open. */
let worker: TestWorker;
let images: Buffer[];
/** The tier's answer for each image: label and score. */
let inFull: string[];

beforeAll(async () => {
  model = await testPackage({ inputSize: 64 });
  tier = await startTier({ models: [model.dir], secrets: [SECRET], maxBatchSize: 32 });
  worker = await startWorker(behind(tier.url));
  images = await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      encoder(picture(300 + i, 240))
        .jpeg()
        .toBuffer(),
    ),
  );
  inFull = (await batch(worker, images, '?tier=gpu')).map(summary);
});
afterAll(async () => {
  await worker?.close();
  await tier?.stop();
  await model?.remove();
});

/** Options of a Worker with this GPU tier. Chunks are always full, however slowly images arrive. */
const behind = (url: string, limits: SomeLimits = {}) => ({
  model: model.dir,
  vars: { HEBB_GPU_URL: url, HEBB_HOP_SECRET: SECRET },
  limits: { dispatch: { chunk: { ...LIMITS.dispatch.chunk, idleMs: LONG_MS } }, ...limits },
});

interface Between {
  readonly worker: TestWorker;
  readonly between: MisbehavingTier;
}

/** A Worker for one test, and the proxy between it and the tier. */
async function misbehaving(
  how: (n: number) => Misbehaviour,
  limits: SomeLimits = {},
  { url } = tier,
): Promise<Between> {
  const between = await misbehavingTier(url, how);
  onTestFinished(() => between.close());
  return { between, worker: await workerForTest(behind(between.url, limits)) };
}

/** Once opened, the breaker stays open for the whole test. */
const OPEN_LONG = {
  gpu: { breaker: { ...LIMITS.gpu.breaker, openMs: LONG_MS, openAtMostMs: 10 * LONG_MS } },
};
/** The breaker never opens. */
const NEVER_OPEN = { gpu: { breaker: { failures: 1e9, openMs: 0, openAtMostMs: 0 } } };

const tarOf = (files: readonly Uint8Array[]) =>
  new Uint8Array(tar(files.map((content, i) => ({ path: `${i}.jpg`, content }))));

const post = (to: TestWorker, files: readonly Uint8Array[], query = '', init: RequestInit = {}) =>
  to.fetch(`/v1/batch${query}`, {
    method: 'POST',
    body: tarOf(files),
    ...init,
    headers: { 'Content-Type': 'application/x-tar', ...init.headers },
  });

async function batch(
  to: TestWorker,
  files: readonly Uint8Array[],
  query = '',
): Promise<ItemResult[]> {
  const response = await post(to, files, query);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/x-ndjson');
  return lines(await response.text());
}

const lines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ItemResult);

const summary = (result: ItemResult): string => {
  if ('error' in result) return result.error.code;
  const [best] = result.predictions;
  return `${result.index} ${best!.label} ${best!.score}`;
};

/** Expects each image once, in order, without errors; those of the GPU tier equal `inFull`. */
function expectWhole(results: readonly ItemResult[], count = images.length) {
  expect(results.map(({ index }) => index)).toEqual(Array.from({ length: count }, (_, i) => i));
  for (const result of results) {
    if ('error' in result) throw new Error(JSON.stringify(result));
    if (result.tier === 'gpu') expect(summary(result)).toBe(inFull[result.index]);
  }
}

const oneBroken = () =>
  images.slice(0, 20).map((file, i) => (i === 7 ? file.subarray(0, 900) : file));

/** Of 20 images the eighth is broken; the GPU tier has answered the others. */
function expectAllButOne(results: readonly ItemResult[]) {
  expect(results[7]).toMatchObject({ index: 7, error: { code: 'broken_image' } });
  expectWhole(results.slice(0, 7), 7);
  expect(results).toHaveLength(20);
  expect(tiers(results).filter((tier) => tier === 'gpu')).toHaveLength(19);
  for (const result of results.slice(8)) expect(summary(result)).toBe(inFull[result.index]);
}

const tiers = (results: readonly ItemResult[]) =>
  results.map((result) => ('tier' in result ? result.tier : result.error.code));

const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('a batch', () => {
  it('of few images is answered at the edge, with an error for a file that is not an image', async () => {
    const results = await batch(
      worker,
      [images[0]!, Buffer.from('no image'), images[1]!],
      '?top=1',
    );
    expect(results).toMatchObject([
      { index: 0, name: '0.jpg', tier: 'edge', why: 'a small batch', predictions: [{}] },
      { index: 1, name: '1.jpg', error: { code: 'unsupported_format' } },
      { index: 2, name: '2.jpg', tier: 'edge', model: { precision: 'int8' } },
    ]);
  });

  it('of many images goes to the GPU tier in chunks, and is answered in order', async () => {
    const { worker, between } = await misbehaving(() => 'none');
    const results = await batch(worker, images);
    expectWhole(results);
    expect(new Set(tiers(results))).toEqual(new Set(['gpu']));
    expect(between.seen.requests).toBe(4); // 16 + 32 + 32 + 20
  });

  it('with a file that fails in the decoder loses only that one', async () => {
    const { worker, between } = await misbehaving(() => 'none');
    expectAllButOne(await batch(worker, oneBroken()));
    // The tier has named it: nothing was sent twice, neither the first 16 nor the other 4.
    expect(between.seen.requests).toBe(2);
  });

  it('loses only that one with an older tier too, which does not say which file is broken', async () => {
    const options = { models: [model.dir], maxBatchSize: 32 };
    const old = await misbehavingTier((await tierForTest(options)).url, () => 'old');
    onTestFinished(() => old.close());
    const { vars, ...unsigned } = behind(old.url);
    const worker = await workerForTest({ ...unsigned, vars: { HEBB_GPU_URL: vars.HEBB_GPU_URL } });
    expectAllButOne(await batch(worker, oneBroken()));
    expect(old.seen.requests).toBe(2 + 16);
  });

  it('sends small images as pixels, which are decoded at the edge', async () => {
    const small = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        encoder(picture(90 + i, 80))
          .png()
          .toBuffer(),
      ),
    );
    expect(new Set(tiers(await batch(worker, small)))).toEqual(new Set(['gpu']));
  });

  it('is repeated in full precision where int8 is unsure', async () => {
    const [sure] = await batch(worker, images.slice(0, 1), '?escalate_below=0');
    expect(sure).toMatchObject({ tier: 'edge' });
    const [unsure] = await batch(worker, images.slice(0, 1), '?escalate_below=1');
    expect(unsure).toMatchObject({ tier: 'gpu', why: expect.stringContaining('int8 was unsure') });
  });

  it('is refused with a status if it cannot be read', async () => {
    const wrong = await post(worker, images.slice(0, 1), '', {
      headers: { 'Content-Type': 'image/jpeg' },
    });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ error: { code: 'invalid_batch' } });
    for (const query of ['?tier=moon', '?deadline_ms=0', '?escalate_below=2', '?top=0']) {
      expect((await post(worker, images.slice(0, 1), query)).status).toBe(400);
    }
  });

  it('that is cut off ends with an error line', async () => {
    const body = tarOf(images.slice(0, 12)).subarray(0, 60_000);
    const text = await (await post(worker, [], '', { body })).text();
    const all = lines(text);
    expect(all.at(-1)).toMatchObject({ error: { code: 'body_incomplete' } });
    expect(all.at(-1)).not.toHaveProperty('index');
  });

  it('stops when the client disconnects', async () => {
    // The disconnect is noticed when something is sent, which may be an empty line.
    const limits = { batch: { statusMs: 0, busyMs: 20 } };
    const { worker, between } = await misbehaving(() => 'silent', limits);
    const gone = new AbortController();
    const { body } = await post(worker, images, '?tier=gpu', { signal: gone.signal });
    while (between.seen.requests < 1) await soon();
    gone.abort();
    await expect(body!.getReader().read()).rejects.toThrow('aborted');
    while (between.seen.cancelled < 1) await soon();
    while ((await worker.account()).parts.bodies! > 0) await soon();
  });
});

describe('one image', () => {
  const classify = async (query: string, to = worker) => {
    const init = { method: 'POST', body: new Uint8Array(images[0]!) };
    const response = await to.fetch(`/v1/classify${query}`, init);
    return { status: response.status, body: (await response.json()) as ItemResult };
  };

  it('is classified by the tier that the caller chose', async () => {
    expect((await classify('')).body).toMatchObject({ tier: 'edge', why: 'a single image' });
    const full = await classify('?tier=gpu');
    expect(full.body).toMatchObject({ tier: 'gpu', why: 'the GPU tier was asked for' });
    expect(summary({ ...full.body, index: 0 })).toBe(inFull[0]);
    expect((await classify('?escalate_below=1')).body).toMatchObject({ tier: 'gpu' });
  });

  it('names the precision of the GPU tier', async () => {
    const half = await tierForTest({ models: [model.dir], secrets: [SECRET], precision: 'bf16' });
    const { body } = await classify('?tier=gpu', await workerForTest(behind(half.url)));
    const precision = BACKEND.addon === undefined ? 'float32' : 'bfloat16';
    expect(body).toMatchObject({ tier: 'gpu', model: { precision } });
  });

  it('is refused with 503 when that tier is unavailable', async () => {
    const { worker } = await misbehaving(() => 'dead');
    const { status, body } = await classify('?tier=gpu', worker);
    expect(status).toBe(503);
    expect(body).toMatchObject({ error: { code: 'gpu_unavailable' } });
  });
});

describe('a batch with an Idempotency-Key', () => {
  const keyed = (to: TestWorker, key: string, query = '') =>
    post(to, images.slice(0, 24), query, { headers: { 'Idempotency-Key': key } });

  /** The answer once the first one has been stored or dropped, which happens after it has been read. */
  async function afterwards(...request: Parameters<typeof keyed>): Promise<Response> {
    for (;;) {
      const again = await keyed(...request);
      if (again.status !== 409) return again;
      await again.body?.cancel();
      await soon();
    }
  }

  it('is computed once, then answered with the same lines', async () => {
    const { worker, between } = await misbehaving(() => 'none');
    const first = await keyed(worker, 'one');
    const text = await first.text();
    expectWhole(lines(text), 24);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    const { requests } = between.seen;
    const again = await afterwards(worker, 'one');
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await again.text()).toBe(text);
    expect(between.seen.requests).toBe(requests);
    expect((await keyed(worker, 'one', '?top=2')).status).toBe(422);
  });

  it('is not computed twice at once', async () => {
    const { worker, between } = await misbehaving(() => 'silent'); // the first one stays in progress
    const first = keyed(worker, 'two');
    first.catch(() => {});
    while (between.seen.requests < 2) await soon(); // both of its chunks, 16 + 8
    for (const answer of await Promise.all([keyed(worker, 'two'), keyed(worker, 'two')])) {
      expect(answer.status).toBe(409);
      expect(answer.headers.get('retry-after')).toBe('2');
      await answer.body?.cancel();
    }
    expect(between.seen.requests).toBe(2);
  });

  it('may be sent again after a tier was unavailable', async () => {
    const { worker, between } = await misbehaving(() => 'dead', NEVER_OPEN);
    expect(await (await keyed(worker, 'three', '?tier=gpu')).text()).toContain('gpu_unavailable');
    between.heal();
    const again = await afterwards(worker, 'three', '?tier=gpu');
    expect(again.headers.get('idempotency-replayed')).toBeNull();
    expectWhole(lines(await again.text()), 24);
  });
});

describe('without a GPU tier', () => {
  it('the edge classifies what its CPU budget allows and refuses the rest', async () => {
    const alone = await workerForTest({ model: model.dir, vars: { HEBB_EDGE_CPU_MS: '300' } });
    const results = await batch(alone, images.slice(0, 20));
    expect(results.map(({ index }) => index)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    // Each is estimated at 27.9 ms.
    const expected = (i: number) => (i < 10 ? 'edge' : 'edge_exhausted');
    expect(tiers(results)).toEqual(Array.from({ length: 20 }, (_, i) => expected(i)));
  });
});

describe('with a faulty GPU tier every image of a batch is answered exactly once', () => {
  it('when it is dead: the edge takes over, and the breaker opens', async () => {
    const { worker, between } = await misbehaving(() => 'dead', OPEN_LONG);
    const results = await batch(worker, images);
    expectWhole(results);
    expect(new Set(tiers(results))).toEqual(new Set(['edge']));
    expect(JSON.stringify(results[0])).toContain('the edge takes over');
    const before = between.seen.requests;
    expectWhole(await batch(worker, images.slice(0, 20)), 20);
    expect(between.seen.requests).toBe(before); // the breaker is open
  });

  it('when it is dead: a GIF keeps its palette when its bytes move to a chunk and back', async () => {
    const gif = await encoder(picture(320, 240)).gif({ effort: 1 }).toBuffer();
    const { worker: alone } = await misbehaving(() => 'dead');
    const [expected] = await batch(worker, [gif], '?tier=edge');
    const results = await batch(alone, Array<Buffer>(9).fill(gif));
    expect(tiers(results)).toEqual(Array(9).fill('edge'));
    for (const result of results) {
      expect(result).toMatchObject({ predictions: (expected as Classification).predictions });
    }
  });

  it('when it has recovered: it is tried again', async () => {
    const breaker = { ...LIMITS.gpu.breaker, openMs: 0 };
    const { worker, between } = await misbehaving(() => 'dead', { gpu: { breaker } });
    await batch(worker, images);
    between.heal();
    const results = await batch(worker, images.slice(0, 16)); // one chunk: the trial request
    expectWhole(results, 16);
    expect(new Set(tiers(results))).toEqual(new Set(['gpu']));
  });

  it('when every other request fails: the second attempt answers', async () => {
    const { worker } = await misbehaving((n) => (n % 2 === 0 ? 'dead' : 'none'));
    expectWhole(await batch(worker, images));
  });

  it('when a request gets no answer: a hedged one answers', async () => {
    const { gpu } = LIMITS;
    const limits = { gpu: { timeoutMs: [LONG_MS, LONG_MS], hedgeMs: gpu.hedgeMs } } as const;
    const { worker, between } = await misbehaving((n) => (n === 1 ? 'silent' : 'none'), limits);
    const results = await batch(worker, images);
    expectWhole(results);
    expect(new Set(tiers(results))).toEqual(new Set(['gpu']));
    expect(between.seen.requests).toBeGreaterThan(4); // one for each chunk, and one more
  });

  it('when answers are corrupted or cut off: they are discarded', async () => {
    const how = (n: number) => (['corrupt', 'cut', 'none'] as const)[n % 3]!;
    const { worker } = await misbehaving(how);
    expectWhole(await batch(worker, images));
  });

  it('when the process that holds its model is killed', async () => {
    const own = await tierForTest({ models: [model.dir], secrets: [SECRET], maxBatchSize: 32 });
    const { pids } = own.logged.find(({ event }) => event === 'model_loaded')!;
    const killing = (n: number) => {
      if (n === 1) for (const pid of pids as number[]) process.kill(pid, 'SIGKILL');
      return 'none' as const;
    };
    const { worker } = await misbehaving(killing, {}, own);
    expectWhole(await batch(worker, images));
  });

  it('when it is busy: Retry-After is respected', async () => {
    const { worker, between } = await misbehaving(() => 'busy', OPEN_LONG);
    const results = await batch(worker, images.slice(0, 40));
    expectWhole(results, 40);
    const before = between.seen.requests;
    const [alone] = await batch(worker, images.slice(0, 1), '?tier=gpu');
    expect(alone).toMatchObject({ error: { code: 'gpu_unavailable' } });
    // Its Retry-After, less the time that has passed.
    const [, ms] = /tried again in (\d+) ms/.exec(JSON.stringify(alone))!;
    expect(Number(ms)).toBeLessThanOrEqual(RETRY_AFTER * 1000);
    expect(Number(ms)).toBeGreaterThan(RETRY_AFTER * 1000 - LONG_MS);
    expect(between.seen.requests).toBe(before);
  });
});
