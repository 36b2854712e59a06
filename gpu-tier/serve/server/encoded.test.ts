import { encoder, picture } from '@hebb/test/decode/pictures';
import { difference } from '@hebb/test/graph/compare';
import { binaryAnswer, fileRequest, jsonRequest } from '@hebb/test/support/open-inference';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { floats, referenceFor } from '@hebb/test/support/served-package';
import { decodeFile } from '@hebb/test/support/sharp-decode';
import { startTier, type TestTier } from '@hebb/test/support/tier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const INFER = '/v2/models/birds/infer';
const outputs = [{ name: 'probabilities', parameters: { binary_data: true } }];

let model: TestPackage;
let tier: TestTier;

beforeAll(async () => {
  model = await testPackage({ name: 'birds', inputSize: 64 });
  tier = await startTier({ models: [model.dir], maxQueueSize: 16 });
});
afterAll(async () => {
  await tier?.stop();
  await model?.remove();
});

const small = () => encoder(picture(120, 90));

it.each([
  ['JPEG', () => small().jpeg({ quality: 95 }).toBuffer()],
  ['PNG', () => small().png().toBuffer()],
  ['WebP', () => small().webp({ lossless: true }).toBuffer()],
  ['AVIF', () => small().avif({ lossless: true }).toBuffer()],
  ['GIF', () => small().gif().toBuffer()],
])('%s: gives the same result as its decoded pixels', async (_format, encode) => {
  const file = await encode();
  const pixels = await decodeFile(file, model.manifest.preprocessing);
  const { probabilities } = await referenceFor(model.dir, pixels);
  const response = await tier.fetch(INFER, fileRequest([file], { outputs }));
  expect(response.status).toBe(200);
  expect(difference(floats((await binaryAnswer(response)).bytes), probabilities)).toBeLessThan(
    1e-4,
  );
});

it('several files of several formats in one request, and as base64 in JSON', async () => {
  const files = [await small().jpeg().toBuffer(), await small().png().toBuffer()];
  const pixels = await Promise.all(
    files.map((file) => decodeFile(file, model.manifest.preprocessing)),
  );
  const { probabilities } = await referenceFor(model.dir, Buffer.concat(pixels));
  const input = { name: 'encoded', datatype: 'BYTES', shape: [2, 1] };
  const data = files.map((file) => file.toString('base64'));
  for (const request of [
    fileRequest(files, { outputs }),
    jsonRequest({ inputs: [{ ...input, data }], outputs }),
  ]) {
    const { bytes } = await binaryAnswer(await tier.fetch(INFER, request));
    expect(difference(floats(bytes), probabilities)).toBeLessThan(1e-4);
  }
});

it('decodes a photograph of 12 megapixels at reduced size with almost the same result', async () => {
  const file = await encoder(picture(800, 600)).resize(4032, 3024).jpeg().toBuffer();
  const full = await decodeFile(file, model.manifest.preprocessing);
  const { probabilities } = await referenceFor(model.dir, full);
  const { bytes } = await binaryAnswer(await tier.fetch(INFER, fileRequest([file], { outputs })));
  expect(difference(floats(bytes), probabilities)).toBeLessThan(0.05);
});

it.each([
  ['broken_image', 422, async () => (await small().jpeg().toBuffer()).subarray(0, 900)],
  ['unsupported_format', 415, async () => Buffer.from('no picture at all')],
  ['unsupported_format', 415, async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
  ['unsupported_format', 415, async () => small().tiff().toBuffer()],
])('%s', async (code, status, file) => {
  const answer = await tier.json(INFER, fileRequest([await file()]));
  expect(answer).toMatchObject({ status, body: { code } });
});

describe('with the parameter image_errors', () => {
  const parameters = { image_errors: true };
  const broken = async () => (await small().jpeg().toBuffer()).subarray(0, 900);

  it('a broken file is reported by its index, and the others are answered', async () => {
    const good = await small().jpeg().toBuffer();
    const alone = await binaryAnswer(await tier.fetch(INFER, fileRequest([good], { outputs })));
    const files = [Buffer.from('no picture at all'), good, await broken(), good];
    const response = await tier.fetch(INFER, fileRequest(files, { outputs, parameters }));
    expect(response.status).toBe(200);
    const { json, bytes } = await binaryAnswer(response);
    const error = { message: expect.stringMatching(/.{10}/), hint: expect.stringMatching(/.{10}/) };
    expect(json).toMatchObject({
      parameters: {
        errors: [
          { index: 0, code: 'unsupported_format', ...error },
          { index: 2, code: 'broken_image', ...error },
        ],
      },
      outputs: [{ shape: [2, model.manifest.labels.length] }],
    });
    const row = floats(alone.bytes);
    expect(difference(floats(bytes), Float32Array.from([...row, ...row]))).toBeLessThan(1e-6);
  });

  it('only broken files give an answer without rows', async () => {
    const files = [await broken(), await broken()];
    const response = await tier.json(INFER, fileRequest(files, { parameters }));
    const classes = model.manifest.labels.length;
    expect(response).toMatchObject({
      status: 200,
      body: {
        parameters: { errors: [{ index: 0 }, { index: 1 }] },
        outputs: [{ shape: [0, classes] }, { shape: [0, classes] }, { shape: [0, 1024] }],
      },
    });
  });

  it('the rest of the answer does not change; the value must be boolean', async () => {
    const request = fileRequest([await small().png().toBuffer()], { outputs, parameters });
    const { json } = await binaryAnswer(await tier.fetch(INFER, request));
    expect(json).not.toHaveProperty('parameters.errors');
    const wrong = fileRequest([await broken()], { parameters: { image_errors: 'yes' } });
    expect(await tier.json(INFER, wrong)).toMatchObject({
      status: 400,
      body: { code: 'invalid_argument' },
    });
  });

  it('without it one broken file fails the request, as the protocol requires', async () => {
    const files = [await small().jpeg().toBuffer(), await broken()];
    expect(await tier.json(INFER, fileRequest(files))).toMatchObject({
      status: 422,
      body: { code: 'broken_image' },
    });
  });
});

it('an image with too many pixels', async () => {
  // 20,000 × 20,000 black pixels are a PNG of 0.4 MB and a picture of 1.2 GB.
  const bomb = await encoder({ width: 1, height: 1, data: new Uint8Array(3) })
    .resize(20_000, 20_000, { kernel: 'nearest' })
    .png({ compressionLevel: 9 })
    .toBuffer();
  const { status, body } = await tier.json(INFER, fileRequest([bomb]));
  expect([status, body]).toMatchObject([413, { code: 'image_too_large' }]);
});

it('more files than the queue holds, before any of them is decoded', async () => {
  const files = Array.from({ length: 17 }, () => Buffer.from('never looked at'));
  const { status, body } = await tier.json(INFER, fileRequest(files));
  expect([status, body]).toMatchObject([
    400,
    { error: 'The request has 17 images; the limit is 16.' },
  ]);
});

it.each([
  ['no base64', { data: ['***'] }, /base64/],
  ['numbers', { data: [1] }, /base64/],
  ['another number of files', { shape: [3], data: ['aaaa'] }, /1 files, not 3/],
  ['another type', { datatype: 'UINT8', data: [1] }, /expected BYTES/],
])('%s in JSON', async (_name, more, message) => {
  const input = { name: 'encoded', datatype: 'BYTES', shape: [1], ...more };
  const { status, body } = await tier.json(INFER, jsonRequest({ inputs: [input] }));
  expect([status, body]).toMatchObject([400, { error: expect.stringMatching(message) }]);
});

it('bytes whose lengths do not add up', async () => {
  const request = fileRequest([new Uint8Array(10)]);
  const at = Number(request.headers['Inference-Header-Content-Length']);
  request.body[at] = 200; // the element's length
  const { status, body } = await tier.json(INFER, request);
  expect([status, body]).toMatchObject([400, { error: expect.stringContaining('not 1 elements') }]);
});
