/**
 * Batches through the real Worker, and the real GPU tier behind a server that misbehaves.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ItemResult } from '../../../edge/routing/result.ts';
import { encoder, picture } from '../../decode/pictures.ts';
import { type MisbehavingTier, misbehavingTier } from '../../support/misbehaving-tier.ts';
import { type TestPackage, testPackage } from '../../support/package-folder.ts';
import { tar } from '../../support/tar-writer.ts';
import { BACKEND, startTier, type TestTier } from '../../support/tier.ts';
import { startWorker, type TestWorker } from '../../support/worker.ts';

const SECRET = 'the secret of these very tests';
/** Longer than the tier's slow answers take: the Worker's shortest time limit is 2 s. */
const SLOW_MS = 1_200;

let model: TestPackage;
let tier: TestTier;
let between: MisbehavingTier;
let worker: TestWorker;
let images: Buffer[];
/** What the tier says of each image when all is well: label and score. */
let inFull: string[];

beforeAll(async () => {
  model = await testPackage({ inputSize: 64 });
  tier = await startTier({ models: [model.dir], secrets: [SECRET], maxBatchSize: 32 });
  between = await misbehavingTier(tier.url, { slowMs: SLOW_MS });
  const vars = { HEBB_GPU_URL: between.url, HEBB_HOP_SECRET: SECRET, HEBB_ACCESS: 'loopback' };
  worker = await startWorker({ model: model.dir, vars });
  images = await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      encoder(picture(300 + i, 240))
        .jpeg()
        .toBuffer(),
    ),
  );
  const results = await batch(images, '?tier=gpu');
  inFull = results.map(summary);
});
afterAll(async () => {
  await worker?.close();
  await between?.close();
  await tier?.stop();
  await model?.remove();
});
beforeEach(() => between.behave(() => 'none'));

const tarOf = (files: readonly Uint8Array[]) =>
  new Uint8Array(tar(files.map((content, i) => ({ path: `${i}.jpg`, content }))));

const post = (files: readonly Uint8Array[], query = '', init: RequestInit = {}) =>
  worker.fetch(`/v1/batch${query}`, {
    method: 'POST',
    body: tarOf(files),
    ...init,
    headers: { 'Content-Type': 'application/x-tar', ...init.headers },
  });

async function batch(files: readonly Uint8Array[], query = ''): Promise<ItemResult[]> {
  const response = await post(files, query);
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

/** Every image once, in order, none in error; those of the GPU tier just as when all is well. */
function expectWhole(results: readonly ItemResult[], count = images.length) {
  expect(results.map(({ index }) => index)).toEqual(Array.from({ length: count }, (_, i) => i));
  for (const result of results) {
    if ('error' in result) throw new Error(JSON.stringify(result));
    if (result.tier === 'gpu') expect(summary(result)).toBe(inFull[result.index]);
  }
}

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

/** Leaves the tier alone no longer: what went wrong in one test is not to count in the next. */
async function healed() {
  between.behave(() => 'none');
  for (;;) {
    const [result] = await batch(images.slice(0, 1), '?tier=gpu');
    if (result && 'tier' in result) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe('a batch', () => {
  it('of few images is answered here, with an error for what is none', async () => {
    const results = await batch([images[0]!, Buffer.from('no image'), images[1]!], '?top=1');
    expect(results).toMatchObject([
      { index: 0, name: '0.jpg', tier: 'edge', why: 'a small batch', predictions: [{}] },
      { index: 1, name: '1.jpg', error: { code: 'unsupported_format' } },
      { index: 2, name: '2.jpg', tier: 'edge', model: { precision: 'int8' } },
    ]);
    expect(between.seen.requests).toBe(0);
  });

  it('of many goes to the GPU tier in chunks, and comes back in order', async () => {
    const results = await batch(images);
    expectWhole(results);
    expect(new Set(tiers(results))).toEqual(new Set(['gpu']));
    expect(between.seen.requests).toBeLessThanOrEqual(5);
  });

  it('with a file that only breaks while it is decoded loses that one only', async () => {
    const files = images.slice(0, 20).map((file, i) => (i === 7 ? file.subarray(0, 900) : file));
    const results = await batch(files);
    expectAllButOne(results);
    // The tier has told which: nothing was sent twice, neither the first 16 nor the other 4.
    expect(between.seen.requests).toBe(2);
  });

  it('goes on as well with a tier of before it told which file is broken', async () => {
    const oldTier = await startTier({ models: [model.dir], maxBatchSize: 32 });
    const old = await misbehavingTier(oldTier.url);
    old.behave(() => 'old');
    const vars = { HEBB_GPU_URL: old.url };
    const other = await startWorker({ model: model.dir, vars });
    try {
      const files = images.slice(0, 20).map((file, i) => (i === 7 ? file.subarray(0, 900) : file));
      const headers = { 'Content-Type': 'application/x-tar' };
      const init = { method: 'POST', body: tarOf(files), headers };
      expectAllButOne(lines(await (await other.fetch('/v1/batch', init)).text()));
      expect(old.seen.requests).toBe(2 + 16);
    } finally {
      await other.close();
      await old.close();
      await oldTier.stop();
    }
  });

  it('takes small pictures as pixels, which are decoded here', async () => {
    const small = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        encoder(picture(90 + i, 80))
          .png()
          .toBuffer(),
      ),
    );
    expect(new Set(tiers(await batch(small)))).toEqual(new Set(['gpu']));
  });

  it('asks again in full precision where int8 is unsure', async () => {
    const [sure] = await batch(images.slice(0, 1), '?escalate_below=0');
    expect(sure).toMatchObject({ tier: 'edge' });
    const [unsure] = await batch(images.slice(0, 1), '?escalate_below=1');
    expect(unsure).toMatchObject({ tier: 'gpu', why: expect.stringContaining('int8 was unsure') });
  });

  it('refuses what it cannot read before any result', async () => {
    const wrong = await post(images.slice(0, 1), '', { headers: { 'Content-Type': 'image/jpeg' } });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ error: { code: 'invalid_batch' } });
    for (const query of ['?tier=moon', '?deadline_ms=0', '?escalate_below=2', '?top=0']) {
      expect((await post(images.slice(0, 1), query)).status).toBe(400);
    }
  });

  it('broken off says so in its last line', async () => {
    const body = tarOf(images.slice(0, 12)).subarray(0, 60_000);
    const text = await (await post([], '', { body })).text();
    const all = lines(text);
    expect(all.at(-1)).toMatchObject({ error: { code: 'body_incomplete' } });
    expect(all.at(-1)).not.toHaveProperty('index');
  });

  it('stops when nobody reads any more', async () => {
    between.behave(() => 'silent');
    const gone = new AbortController();
    const response = post(images, '?tier=gpu', { signal: gone.signal });
    response.catch(() => {});
    while (between.seen.requests < 1) await new Promise((resolve) => setTimeout(resolve, 20));
    gone.abort();
    while (between.seen.cancelled < 1) await new Promise((resolve) => setTimeout(resolve, 20));
    while ((await worker.account()).parts.bodies! > 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await healed();
  });
});

describe('one image', () => {
  const classify = async (query: string) => {
    const init = { method: 'POST', body: new Uint8Array(images[0]!) };
    const response = await worker.fetch(`/v1/classify${query}`, init);
    return { status: response.status, body: (await response.json()) as ItemResult };
  };

  it('goes where the caller wishes, and says why', async () => {
    expect((await classify('')).body).toMatchObject({ tier: 'edge', why: 'a single image' });
    const full = await classify('?tier=gpu');
    expect(full.body).toMatchObject({ tier: 'gpu', why: 'the GPU tier was asked for' });
    expect(summary({ ...full.body, index: 0 })).toBe(inFull[0]);
    expect((await classify('?escalate_below=1')).body).toMatchObject({ tier: 'gpu' });
  });

  it('says in which numbers the GPU tier computed', { timeout: 60_000 }, async () => {
    const half = await startTier({ models: [model.dir], secrets: [SECRET], precision: 'bf16' });
    const vars = { HEBB_GPU_URL: half.url, HEBB_HOP_SECRET: SECRET, HEBB_ACCESS: 'loopback' };
    const other = await startWorker({ model: model.dir, vars });
    try {
      const init = { method: 'POST', body: new Uint8Array(images[0]!) };
      const response = await other.fetch('/v1/classify?tier=gpu', init);
      const precision = BACKEND.addon === undefined ? 'float32' : 'bfloat16';
      expect(await response.json()).toMatchObject({ tier: 'gpu', model: { precision } });
    } finally {
      await other.close();
      await half.stop();
    }
  });

  it('is refused with 503 when that tier is away', async () => {
    between.behave(() => 'dead');
    const { status, body } = await classify('?tier=gpu');
    expect(status).toBe(503);
    expect(body).toMatchObject({ error: { code: 'gpu_unavailable' } });
    await healed();
  });
});

describe('a batch with an Idempotency-Key', () => {
  const files = () => images.slice(0, 24);
  const keyed = (key: string, query = '') =>
    post(files(), query, { headers: { 'Idempotency-Key': key } });

  it('is answered once, and then with the same lines', async () => {
    const first = await keyed('one');
    const text = await first.text();
    expectWhole(lines(text), 24);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    let again = await keyed('one');
    while (again.status === 409) again = await keyed('one'); // the lines are being stored
    const { requests } = between.seen;
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await again.text()).toBe(text);
    expect(between.seen.requests).toBe(requests);
    expect((await keyed('one', '?top=2')).status).toBe(422);
  });

  it('is not worked on twice at once', async () => {
    const answers = await Promise.all([keyed('two'), keyed('two'), keyed('two')]);
    const working = answers.filter(({ status }) => status === 200);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409]);
    expect(answers.find(({ status }) => status === 409)!.headers.get('retry-after')).toBe('2');
    expectWhole(lines(await working[0]!.text()), 24);
    for (const answer of answers) await answer.body?.cancel().catch(() => {});
  });

  it('may be sent again when a tier was missing', async () => {
    between.behave(() => 'dead');
    expect(await (await keyed('three', '?tier=gpu')).text()).toContain('gpu_unavailable');
    await healed();
    let again = await keyed('three', '?tier=gpu');
    while (again.status === 409) again = await keyed('three', '?tier=gpu');
    expect(again.headers.get('idempotency-replayed')).toBeNull();
    expectWhole(lines(await again.text()), 24);
  });
});

describe('an edge that is alone', () => {
  it('does what its CPU time allows, and refuses the rest in its lines', async () => {
    const vars = { HEBB_EDGE_CPU_MS: '300' };
    const alone = await startWorker({ model: model.dir, vars });
    try {
      const headers = { 'Content-Type': 'application/x-tar' };
      const init = { method: 'POST', body: tarOf(images.slice(0, 20)), headers };
      const results = lines(await (await alone.fetch('/v1/batch', init)).text());
      expect(results.map(({ index }) => index)).toEqual(Array.from({ length: 20 }, (_, i) => i));
      // By its pixels, each counts as 27.9 ms.
      const expected = (i: number) => (i < 10 ? 'edge' : 'edge_exhausted');
      expect(tiers(results)).toEqual(Array.from({ length: 20 }, (_, i) => expected(i)));
    } finally {
      await alone.close();
    }
  });
});

describe('a batch whose GPU tier misbehaves loses nothing and doubles nothing', () => {
  it('when it is dead: the edge carries on alone, and then does not ask any more', async () => {
    between.behave(() => 'dead');
    const results = await batch(images);
    expectWhole(results);
    expect(new Set(tiers(results))).toEqual(new Set(['edge']));
    expect(JSON.stringify(results[0])).toContain('the edge carries on alone');
    const before = between.seen.requests;
    expectWhole(await batch(images.slice(0, 20)), 20);
    expect(between.seen.requests).toBe(before); // the breaker is open
    await healed();
  });

  it('when every other request dies: the second attempt answers', async () => {
    between.behave((n) => (n % 2 === 0 ? 'dead' : 'none'));
    expectWhole(await batch(images));
    await healed();
  });

  it('when some requests are slow: a second one goes out beside them', async () => {
    between.behave((n) => (n === 1 ? 'slow' : 'none'));
    const results = await batch(images);
    expectWhole(results);
    expect(new Set(tiers(results))).toEqual(new Set(['gpu']));
    await healed();
  });

  it('when answers are changed or cut on their way: none of them is believed', async () => {
    between.behave((n) => (n % 3 === 0 ? 'corrupt' : n % 3 === 1 ? 'cut' : 'none'));
    expectWhole(await batch(images));
    await healed();
  });

  it('when the process that holds its model is killed', async () => {
    const { pids } = tier.logged.find(({ event }) => event === 'model_loaded')!;
    between.behave((n) => {
      if (n === 1) for (const pid of pids as number[]) process.kill(pid, 'SIGKILL');
      return 'none';
    });
    expectWhole(await batch(images));
    await healed();
  });

  it('when it is busy: it is left alone as long as it wants', async () => {
    between.behave(() => 'busy');
    const results = await batch(images.slice(0, 40));
    expectWhole(results, 40);
    const before = between.seen.requests;
    const [alone] = await batch(images.slice(0, 1), '?tier=gpu');
    expect(alone).toMatchObject({ error: { code: 'gpu_unavailable' } });
    expect(JSON.stringify(alone)).toMatch(/asked again in \d{4,5} ms/); // 30 s, less what has passed
    expect(between.seen.requests).toBe(before);
  });
});
