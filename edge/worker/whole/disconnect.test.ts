import { request as httpRequest } from 'node:http';
import { encoder, picture } from '@hebb/test/decode/pictures';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';

let model: TestPackage;
let worker: TestWorker;

beforeAll(async () => {
  model = await testPackage({ inputSize: 64, float: false });
});
afterAll(() => model?.remove());

beforeEach(async () => {
  worker = await startWorker({ model: model.dir });
  await worker.fetch('/readyz');
});
afterEach(() => worker.close());

/** Announces `bytes`, sends what is given, and leaves the rest of the body open. */
function openUpload(bytes: number, sent: Uint8Array = new Uint8Array(1000)) {
  const url = new URL('/v1/classify', worker.url);
  const headers = { 'content-length': String(bytes) };
  const request = httpRequest(url, { method: 'POST', headers });
  request.on('error', () => {}); // it is going to be cut off
  request.write(sent);
  return request;
}

/** Waits for this reading of the budget of bodies. */
async function bodiesHold(wanted: (bytes: number) => boolean): Promise<number> {
  for (;;) {
    const bytes = (await worker.account()).parts.bodies!;
    if (wanted(bytes)) return bytes;
    await soon();
  }
}

/** Waits until nothing is reserved. */
async function allGivenBack(): Promise<void> {
  for (;;) {
    const { parts } = await worker.account();
    if (parts.bodies === 0 && parts.decoding === 0) return;
    await soon();
  }
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('clients that disconnect', () => {
  it('leave no memory reserved, whether admitted or waiting', async () => {
    // At most two are admitted; the others are queued.
    const uploads = Array.from({ length: 12 }, () => openUpload(10e6));
    const held = await bodiesHold((bytes) => bytes > LIMITS.bodies.capacityBytes - 10e6);
    expect(held).toBe(20e6);
    for (const upload of uploads) upload.destroy();
    await allGivenBack();
    const jpeg = new Uint8Array(await encoder(picture(320, 240)).jpeg().toBuffer());
    const response = await worker.fetch('/v1/classify', { method: 'POST', body: jpeg });
    expect(response.status).toBe(200);
  });

  it('leave none reserved when they disconnect after sending', async () => {
    const jpeg = await encoder(picture(3000, 2000)).jpeg({ quality: 100 }).toBuffer();
    const gone = Array.from({ length: 12 }, async (_, i) => {
      const upload = openUpload(jpeg.length, jpeg);
      setTimeout(() => upload.destroy(), 20 * i);
      await new Promise((resolve) => upload.on('close', resolve));
    });
    await Promise.all(gone);
    await allGivenBack();
  });

  it('let the next waiting request proceed', async () => {
    const uploads = Array.from({ length: 2 }, () => openUpload(10e6));
    await bodiesHold((bytes) => bytes === 20e6);
    const body = new Uint8Array(5e6); // not an image, which it is told when its turn comes
    const waiting = worker.fetch('/v1/classify', { method: 'POST', body });
    uploads[1]!.destroy();
    expect((await waiting).status).toBe(415);
    for (const upload of uploads) upload.destroy();
    await allGivenBack();
  });
});
