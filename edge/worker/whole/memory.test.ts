import { phonePhoto } from '@hebb/test/decode/phone-photo';
import { encoder } from '@hebb/test/decode/pictures';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';

let model: TestPackage;
let worker: TestWorker;
/** 4032×3024 pixels, 6 to 7 MB each. */
let photos: Uint8Array<ArrayBuffer>[];

beforeAll(async () => {
  model = await testPackage({ classes: 1000 });
  const photo = encoder(await phonePhoto());
  photos = await Promise.all(
    [false, true].map(async (progressive) => {
      const jpeg = photo.clone().jpeg({ quality: 92, progressive });
      return new Uint8Array(await jpeg.toBuffer());
    }),
  );
});
afterAll(() => model?.remove());

// An isolate for each test: a peak must not include what another test has left.
beforeEach(async () => {
  worker = await startWorker({ model: model.dir });
});
afterEach(() => worker.close());

const post = async (body: Uint8Array<ArrayBuffer>, path = '') => {
  const response = await worker.fetch(`/v1/classify${path}`, { method: 'POST', body });
  const answer = (await response.json()) as { error?: { code: string }; predictions?: object[] };
  return { status: response.status, code: answer.error?.code, answer };
};

/** All memory of the isolate, garbage included: V8's objects and buffers, and wasm memories. */
async function isolateBytes(): Promise<number> {
  const [heap, { parts }] = [await worker.heap(), await worker.account()];
  const tfjs = parts.decoding! > 40e6 ? parts.decoding! : 0; // its heap is most of what is reserved
  const wasm = parts.int8! + parts.arena! + tfjs;
  return heap.totalSize + heap.embedderHeapUsedSize + heap.backingStorageSize + wasm;
}

/** Runs the work, and measures memory from inside and outside meanwhile. */
async function watched<T>(work: Promise<T>) {
  let running = true;
  const done = work.finally(() => {
    running = false;
  });
  const peak = { isolate: 0, process: 0 };
  while (running) {
    peak.isolate = Math.max(peak.isolate, await isolateBytes());
    peak.process = Math.max(peak.process, worker.processBytes());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { result: await done, peak };
}

describe('50 photos of 12 megapixels at a time', () => {
  it('are all answered, within the isolate’s 128 MB', async () => {
    for (const { length } of photos) expect(length).toBeGreaterThan(6e6);
    await worker.fetch('/readyz');
    const before = worker.processBytes();
    const requests = Array.from({ length: 50 }, (_, i) => post(photos[i % 2]!));
    const { result, peak } = await watched(Promise.all(requests));
    const { peakBytes } = await worker.account();
    const megabytes = (bytes: number) => Math.round(bytes / 1e6);
    const answered = result.filter(({ status }) => status === 200).length;
    console.info(
      `${answered} of 50 answered. Reserved at most ${megabytes(peakBytes)} MB, isolate at most ` +
        `${megabytes(peak.isolate)} MB, process ${megabytes(before)} to ${megabytes(peak.process)} MB.`,
    );

    // None is rejected: the limits of this test allow long waits.
    expect(new Set(result.map(({ status, code }) => code ?? status))).toEqual(new Set([200]));
    // Four photos at least were held at the same time, and never more than planned.
    expect(peakBytes).toBeGreaterThan(25e6);
    expect(peakBytes).toBeLessThan(LIMITS.isolateBytes);
    expect(peak.isolate).toBeLessThan(LIMITS.isolateBytes);
    // All 50 files at once would be 330 MB. Memory that was freed is not always given back.
    expect(peak.process - before).toBeLessThan(200e6);
    const { parts } = await worker.account();
    expect([parts.bodies, parts.decoding]).toEqual([0, 0]);
  });
});

describe('the tfjs engine', () => {
  it('stays within the 128 MB beside photos', async () => {
    const requests = Array.from({ length: 6 }, (_, i) =>
      post(photos[i % 2]!, i % 3 === 0 ? '' : '?engine=tfjs'),
    );
    const { result, peak } = await watched(Promise.all(requests));
    expect(result.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect((await worker.account()).parts.decoding).toBeGreaterThan(40e6);
    expect(peak.isolate).toBeLessThan(LIMITS.isolateBytes);
  });

  it('is evicted when an image needs its memory, and loaded again', async () => {
    const create = { width: 20_000, height: 300, channels: 3, background: '#789' } as const;
    const panorama = await sharp({ create }).png().toBuffer(); // 18 MB, too narrow to be reduced
    const before = await post(photos[0]!, '?engine=tfjs');
    expect((await worker.account()).parts.decoding).toBeGreaterThan(40e6);
    expect((await post(new Uint8Array(panorama))).status).toBe(200);
    expect((await worker.account()).parts.decoding).toBe(0);
    const after = await post(photos[0]!, '?engine=tfjs');
    expect(after.answer.predictions).toEqual(before.answer.predictions);
  });
});
