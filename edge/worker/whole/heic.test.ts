/**
 * HEIC, which the edge does not decode and the real GPU tier does.
 */

import type { ErrorBody } from '@hebb/model/errors';
import type { Classification } from '@hebb/protocol/api/classification';
import { HEIC_FILES } from '@hebb/test/decode/heic/files';
import { encoder, picture } from '@hebb/test/decode/pictures';
import { ended, jobWhen, ndjson, postJob, results } from '@hebb/test/jobs/client';
import {
  type MisbehavingTier,
  type Misbehaviour,
  misbehavingTier,
} from '@hebb/test/support/misbehaving-tier';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { startTier, type TestTier } from '@hebb/test/support/tier';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';

const SECRET = 'between the two of these tests';
/** How the tier behaves, per request from 0. */
let behaviour: (n: number) => Misbehaviour = () => 'none';

let model: TestPackage;
let tier: TestTier;
let between: MisbehavingTier;
let jpeg: Uint8Array;

const heic = (name: keyof typeof HEIC_FILES) =>
  new Uint8Array(Buffer.from(HEIC_FILES[name], 'base64'));

beforeAll(async () => {
  model = await testPackage({ classes: 10, inputSize: 64 });
  tier = await startTier({ models: [model.dir], secrets: [SECRET], maxBatchSize: 32 });
  between = await misbehavingTier(tier.url, (n) => behaviour(n));
  jpeg = new Uint8Array(await encoder(picture(320, 240)).jpeg().toBuffer());
});
afterAll(async () => {
  await between?.close();
  await tier?.stop();
  await model?.remove();
});

const start = (vars: Record<string, string>): Promise<TestWorker> =>
  startWorker({
    model: model.dir,
    vars: { HEBB_ACCESS: 'loopback', ...vars },
    limits: { gpu: LIMITS.gpu }, // the defaults, which one test is about
  });

const classify = async (worker: TestWorker, image: Uint8Array, query = '') => {
  const body = new Uint8Array(image);
  const response = await worker.fetch(`/v1/classify${query}`, { method: 'POST', body });
  return { status: response.status, body: await response.json() };
};
type Failed = { readonly status: number; readonly body: ErrorBody };

describe('with a GPU tier', () => {
  let worker: TestWorker;

  beforeEach(async () => {
    behaviour = () => 'none';
    await worker?.close();
    worker = await start({
      HEBB_GPU_URL: between.url,
      HEBB_HOP_SECRET: SECRET,
      HEBB_JOB_RETRY_SECONDS: '0',
    });
  });
  afterAll(() => worker?.close());

  it('is classified by it, with the reason', async () => {
    const { status, body } = await classify(worker, heic('plain'));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      tier: 'gpu',
      why: 'the edge does not decode HEIC, the GPU tier does',
      model: { precision: 'float32' },
    });
  });

  it('is classified in a batch, beside other and broken images', async () => {
    const images = [jpeg, heic('turned'), heic('plain').subarray(0, 400), heic('grid')];
    const response = await worker.fetch('/v1/batch', {
      method: 'POST',
      body: ndjson(images.map((image) => ({ image }))),
      headers: { 'content-type': 'application/x-ndjson' },
    });
    const lines = (await response.text()).split('\n').filter((line) => line !== '');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { index: 0, tier: 'edge' },
      { index: 1, tier: 'gpu' },
      { index: 2, error: { code: 'broken_image' } },
      { index: 3, tier: 'gpu' },
    ]);
  });

  it('is retried in a job while the tier is unavailable', async () => {
    let left = 3;
    behaviour = () => (left-- > 0 ? 'dead' : 'none');
    const { status } = await postJob(worker.fetch, ndjson([{ image: heic('plain') }]));
    await jobWhen(worker.fetch, status.id, ended);
    const { lines } = await results(worker.fetch, status.id);
    expect(lines).toMatchObject([{ index: 0, tier: 'gpu' }]);
  });

  it('gets a timeout that allows for decoding', async () => {
    behaviour = () => 'slow';
    const { status, body } = await classify(worker, heic('large'));
    expect(status).toBe(200);
    expect((body as Classification).tier).toBe('gpu');
  });

  it('is refused with both alternatives while it is unavailable', async () => {
    behaviour = () => 'dead';
    const { status, body } = (await classify(worker, heic('plain'))) as Failed;
    expect(status).toBe(415);
    expect(body.error).toMatchObject({ code: 'unsupported_format' });
    expect(body.error.message).toMatch(/HEIC.*GPU tier decodes it, but the GPU tier failed/);
    expect(body.error.hint).toMatch(/JPEG.*iPhone.*GPU tier/);
  });

  it('is refused if the edge was chosen', async () => {
    const { status, body } = (await classify(worker, heic('plain'), '?tier=edge')) as Failed;
    expect(status).toBe(415);
    expect(body.error.code).toBe('unsupported_format');
  });
});

it('without a GPU tier it is refused, with both alternatives', async () => {
  const worker = await start({});
  try {
    const { status, body } = (await classify(worker, heic('plain'))) as Failed;
    expect(status).toBe(415);
    expect(body.error.code).toBe('unsupported_format');
    expect(body.error.message).toBe('This is a HEIC (HEIF) photo, which is not decoded here.');
    expect(body.error.hint).toMatch(/JPEG.*iPhone.*GPU tier/);
  } finally {
    await worker.close();
  }
});
