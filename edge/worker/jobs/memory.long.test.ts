import { phonePhoto } from '@hebb/test/decode/phone-photo';
import { encoder } from '@hebb/test/decode/pictures';
import { ended, jobWhen } from '@hebb/test/jobs/client';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { startTier, type TestTier } from '@hebb/test/support/tier';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';

const SECRET = 'the secret of this very test';

let model: TestPackage;
let tier: TestTier;
let worker: TestWorker;
/** 40 photos of 12 megapixels, 267 MB. */
let form: FormData;

beforeAll(async () => {
  model = await testPackage({ classes: 1000 });
  tier = await startTier({ models: [model.dir], secrets: [SECRET], maxBatchSize: 32 });
  const vars = { HEBB_GPU_URL: tier.url, HEBB_HOP_SECRET: SECRET, HEBB_ACCESS: 'loopback' };
  worker = await startWorker({ model: model.dir, vars });
  const jpeg = await encoder(await phonePhoto())
    .jpeg({ quality: 92 })
    .toBuffer();
  form = new FormData();
  for (let n = 0; n < 40; n++) form.append('image', new Blob([new Uint8Array(jpeg)]), `${n}.jpg`);
});
afterAll(async () => {
  await worker?.close();
  await tier?.stop();
  await model?.remove();
});

/** Peak memory of the isolate during the work, garbage included. */
async function peakOf<T>(work: Promise<T>): Promise<{ result: T; peak: number }> {
  let running = true;
  const done = work.finally(() => {
    running = false;
  });
  let peak = 0;
  while (running) {
    const [heap, { parts }] = [await worker.heap(), await worker.account()];
    const { totalSize, embedderHeapUsedSize, backingStorageSize } = heap;
    const wasm = parts.int8! + parts.codecs!;
    peak = Math.max(peak, totalSize + embedderHeapUsedSize + backingStorageSize + wasm);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { result: await done, peak };
}

async function job(tier: 'edge' | 'gpu') {
  const response = await worker.fetch(`/v1/jobs?tier=${tier}`, { method: 'POST', body: form });
  const { id } = (await response.json()) as { id: string };
  return await jobWhen(worker.fetch, id, ended);
}

it.each(['edge', 'gpu'] as const)(
  'a job of 40 phone photos stays within the isolate’s 128 MB: tier %s',
  async (name) => {
    const { result, peak } = await peakOf(job(name));
    expect(result.images).toMatchObject({ succeeded: 40 });
    expect(result.tiers[name]).toBe(40);
    console.info(`${name}: at most ${Math.round(peak / 1e6)} MB`);
    expect(peak).toBeLessThan(LIMITS.isolateBytes);
  },
  180_000,
);
