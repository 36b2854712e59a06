import { readFile } from 'node:fs/promises';
import { loadEngine } from '@hebb/engine';
import { encoder, picture } from '@hebb/test/decode/pictures';
import { kernels } from '@hebb/test/support/kernels';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { decodeFile } from '@hebb/test/support/sharp-decode';
import { topK } from '@hebb/test/support/top';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Classification } from '../classification.ts';

let model: TestPackage;
let worker: TestWorker;
let jpeg: Buffer<ArrayBuffer>;

beforeAll(async () => {
  model = await testPackage({ classes: 10 });
  worker = await startWorker({ model: model.dir });
  jpeg = Buffer.from(await encoder(picture(640, 480)).jpeg().toBuffer());
});
afterAll(async () => {
  await worker.close();
  await model.remove();
});

async function classify(body: BodyInit, path = '', headers: Record<string, string> = {}) {
  const response = await worker.fetch(`/v1/classify${path}`, { method: 'POST', body, headers });
  expect(await response.clone().text()).not.toContain('"error"');
  expect(response.status).toBe(200);
  return { answer: (await response.json()) as Classification, response };
}

describe('POST /v1/classify', () => {
  it('answers with the five best labels, computed in int8', async () => {
    const { answer, response } = await classify(jpeg);
    expect(answer).toEqual({
      model: { name: 'test', version: model.manifest.version, precision: 'int8' },
      tier: 'edge',
      why: 'a single image',
      predictions: Array.from({ length: 5 }, () => ({
        index: expect.any(Number),
        label: expect.stringMatching(/^class \d$/),
        score: expect.any(Number),
      })),
      timing: { decode_ms: expect.any(Number), infer_ms: expect.any(Number) },
    });
    const scores = answer.predictions.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(response.headers.get('server-timing')).toMatch(/^decode;dur=[\d.]+, infer;dur=[\d.]+$/);
    expect(response.headers.get('content-type')).toContain('application/json');
  });

  it('equals the output of the engine in Node for these pixels', async () => {
    const file = await readFile(`${model.dir}/weights.int8.safetensors`);
    const engine = loadEngine(kernels.relaxed, model.manifest.network, new Uint8Array(file));
    // Of 256×192 pixels nothing is reduced while decoding, and both tiers see the same.
    const png = await encoder(picture(256, 256)).png().toBuffer();
    const pixels = await decodeFile(png, model.manifest.preprocessing);
    const expected = engine.classify(pixels);
    const { answer } = await classify(new Uint8Array(png), '?top=10');
    expect(answer.predictions.map(({ index }) => index)).toEqual(topK(expected, 10));
    for (const { index, score } of answer.predictions)
      expect(score).toBeCloseTo(expected[index]!, 6);
  });

  it('accepts the raw body, a form and JSON', async () => {
    const { answer: raw } = await classify(jpeg);
    const form = new FormData();
    form.set('note', 'a photo');
    form.set('image', new Blob([jpeg], { type: 'image/jpeg' }), 'photo.jpg');
    const { answer: fromForm } = await classify(form);
    const json = JSON.stringify({ image: jpeg.toString('base64') });
    const { answer: fromJson } = await classify(json, '', { 'content-type': 'application/json' });
    expect(fromForm.predictions).toEqual(raw.predictions);
    expect(fromJson.predictions).toEqual(raw.predictions);
  });

  it('accepts a body without Content-Length', async () => {
    const body = new ReadableStream({
      start(controller) {
        for (let at = 0; at < jpeg.length; at += 1000)
          controller.enqueue(jpeg.subarray(at, at + 1000));
        controller.close();
      },
    });
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    expect((await worker.fetch('/v1/classify', init)).status).toBe(200);
  });

  it.each(['png', 'webp', 'avif', 'gif'] as const)('accepts %s', async (format) => {
    const image = await encoder(picture(300, 280)).toFormat(format).toBuffer();
    expect((await classify(new Uint8Array(image))).answer.predictions).toHaveLength(5);
  });

  it('answers with the requested number of predictions', async () => {
    expect((await classify(jpeg, '?top=1')).answer.predictions).toHaveLength(1);
    const { predictions } = (await classify(jpeg, '?top=10')).answer;
    expect(predictions.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 4);
  });

  it('computes in float32 with engine=tfjs', async () => {
    const { answer } = await classify(jpeg, '?engine=tfjs&top=1');
    expect(answer.model.precision).toBe('float32');
    const { answer: int8 } = await classify(jpeg, '?engine=int8&top=1');
    expect(int8.model.precision).toBe('int8');
    expect(answer.predictions[0]!.index).toBe(int8.predictions[0]!.index);
    expect(answer.predictions[0]!.score).toBeCloseTo(int8.predictions[0]!.score, 1);
  });
});
