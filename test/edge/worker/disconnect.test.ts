import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../edge/limits.ts';
import { encoder, picture } from '../../decode/pictures.ts';
import { type TestPackage, testPackage } from '../../support/package-folder.ts';
import { startWorker, type TestWorker } from '../../support/worker.ts';

let model: TestPackage;
let worker: TestWorker;

beforeAll(async () => {
  model = await testPackage({ inputSize: 64, float: false });
  worker = await startWorker({ model: model.dir });
  await worker.fetch('/readyz');
});
afterAll(async () => {
  await worker.close();
  await model.remove();
});

/** Announces `bytes`, sends what is given, and leaves the rest of the body open. */
function openUpload(bytes: number, sent: Uint8Array = new Uint8Array(1000)) {
  const url = new URL('/v1/classify', worker.url);
  const headers = { 'content-length': String(bytes) };
  const request = httpRequest(url, { method: 'POST', headers });
  request.on('error', () => {}); // it will be cut
  request.write(sent);
  return request;
}

async function bodiesBecome(expected: (bytes: number) => boolean): Promise<number> {
  for (let tries = 0; ; tries++) {
    const bytes = (await worker.account()).parts.bodies!;
    if (expected(bytes) || tries === 100) return bytes;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('clients who go away', () => {
  it('leave no memory reserved behind, whether admitted or waiting', async () => {
    // Two are admitted at most; the others stand in the line.
    const uploads = Array.from({ length: 12 }, () => openUpload(10e6));
    const held = await bodiesBecome((bytes) => bytes > LIMITS.bodies.capacityBytes - 10e6);
    expect(held).toBe(20e6);
    for (const upload of uploads) upload.destroy();
    expect(await bodiesBecome((bytes) => bytes === 0)).toBe(0);
    const jpeg = new Uint8Array(await encoder(picture(320, 240)).jpeg().toBuffer());
    const response = await worker.fetch('/v1/classify', { method: 'POST', body: jpeg });
    expect(response.status).toBe(200);
  });

  it('leave none behind either when they go between sending and being answered', async () => {
    const jpeg = await encoder(picture(3000, 2000)).jpeg({ quality: 100 }).toBuffer();
    const gone = Array.from({ length: 12 }, async (_, i) => {
      const upload = openUpload(jpeg.length, jpeg);
      setTimeout(() => upload.destroy(), 20 * i);
      await new Promise((resolve) => upload.on('close', resolve));
    });
    await Promise.all(gone);
    expect(await bodiesBecome((bytes) => bytes === 0)).toBe(0);
    expect((await worker.account()).parts.decoding).toBe(0);
  });

  it('are followed by the one who waited behind them', async () => {
    const uploads = Array.from({ length: 2 }, () => openUpload(10e6));
    await bodiesBecome((bytes) => bytes === 20e6);
    const body = new Uint8Array(5e6); // no image: its turn comes, and it is told so
    const waiting = worker.fetch('/v1/classify', { method: 'POST', body });
    uploads[1]!.destroy();
    expect((await waiting).status).toBe(415);
    for (const upload of uploads) upload.destroy();
    expect(await bodiesBecome((bytes) => bytes === 0)).toBe(0);
  });
});
