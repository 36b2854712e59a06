import { gzipSync } from 'node:zlib';
import { normalise } from '@hebb/model';
import { difference, noise } from '@hebb/test/graph/compare';
import {
  binaryAnswer,
  binaryRequest,
  jsonRequest,
  pixelRequest,
} from '@hebb/test/support/open-inference';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { floats, referenceFor } from '@hebb/test/support/served-package';
import { startTier, type TestTier } from '@hebb/test/support/tier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const SIDE = 64;
const INFER = '/v2/models/birds/infer';
const PIXELS = noise(3, SIDE);

let model: TestPackage;
let tier: TestTier;
let reference: Awaited<ReturnType<typeof referenceFor>>;

beforeAll(async () => {
  model = await testPackage({ name: 'birds', inputSize: SIDE });
  tier = await startTier({ models: [model.dir] });
  reference = await referenceFor(model.dir, PIXELS);
});
afterAll(async () => {
  await tier?.stop();
  await model?.remove();
});

describe('what is served', () => {
  it('reports its name, backend with reason, and models', async () => {
    const { status, body } = await tier.json('/v2');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: 'hebb',
      extensions: expect.arrayContaining(['binary_tensor_data', 'classification']),
      backend: { kind: expect.stringMatching(/^(native-cpu|wasm)$/), reason: 'chosen for tests' },
      models: [{ name: 'birds', version: model.manifest.version }],
    });
  });

  it('describes a model’s tensors', async () => {
    const { version } = model.manifest;
    for (const path of ['/v2/models/birds', `/v2/models/birds/versions/${version.slice(0, 12)}`]) {
      expect((await tier.json(path)).body).toMatchObject({
        name: 'birds',
        versions: [version],
        inputs: [
          { name: 'image', datatype: 'UINT8', shape: [-1, SIDE, SIDE, 3] },
          { name: 'encoded', datatype: 'BYTES', shape: [-1] },
        ],
        outputs: [
          { name: 'probabilities', datatype: 'FP32', shape: [-1, 5] },
          { name: 'logits', datatype: 'FP32', shape: [-1, 5] },
          { name: 'embedding', datatype: 'FP32', shape: [-1, 1024] },
        ],
      });
    }
  });

  it.each([
    ['/v2/health/live', { live: true }],
    ['/v2/health/ready', { ready: true }],
    ['/v2/models/birds/ready', { name: 'birds', ready: true }],
  ])('%s', async (path, body) => {
    expect(await tier.json(path)).toEqual({ status: 200, body });
    expect((await tier.fetch(path, { method: 'HEAD' })).status).toBe(200);
  });

  it.each([
    ['/v2/models/fish', 'There is no model fish here.'],
    ['/v2/models/birds/versions/0000000', 'birds is served in another version.'],
  ])('%s is not', async (path, error) => {
    for (const suffix of ['', '/ready']) {
      const { status, body } = await tier.json(path + suffix);
      expect(status).toBe(404);
      expect(body).toMatchObject({ error, code: 'model_not_found' });
    }
  });

  it('answers unknown paths and methods with a hint', async () => {
    expect(await tier.json('/v3')).toMatchObject({ status: 404, body: { code: 'not_found' } });
    const response = await tier.fetch(INFER);
    expect(response.status).toBe(405);
    expect(response.headers.get('Allow')).toBe('POST, OPTIONS');
  });
});

describe('tensors as JSON', () => {
  it('computes the same as plain tfjs ops, nested or flat, with the request’s id', async () => {
    const flat = Array.from(PIXELS);
    const rows = (values: number[], width: number) =>
      Array.from({ length: values.length / width }, (_, i) =>
        values.slice(i * width, (i + 1) * width),
      );
    const nested = rows(flat, SIDE * SIDE * 3).map((image) =>
      rows(image, SIDE * 3).map((row) => rows(row, 3)),
    );
    for (const data of [flat, nested]) {
      const input = { name: 'image', shape: [3, SIDE, SIDE, 3], datatype: 'UINT8', data };
      const { status, body } = await tier.json(INFER, jsonRequest({ id: 'a7', inputs: [input] }));
      expect(status).toBe(200);
      const { outputs, ...head } = body as { outputs: { name: string; data: number[] }[] };
      expect(head).toEqual({
        model_name: 'birds',
        model_version: model.manifest.version,
        id: 'a7',
        parameters: { precision: 'float32' },
      });
      for (const name of ['probabilities', 'logits', 'embedding'] as const) {
        const { data: values } = outputs.find((output) => output.name === name)!;
        expect(difference(Float32Array.from(values), reference[name])).toBeLessThan(1e-4);
      }
    }
  });
});

describe('binary tensors', () => {
  it('are read and written, only the requested outputs', async () => {
    const outputs = [
      { name: 'embedding', parameters: { binary_data: true } },
      { name: 'probabilities', parameters: { binary_data: true } },
      { name: 'logits' },
    ];
    const response = await tier.fetch(INFER, pixelRequest(PIXELS, SIDE, { outputs }));
    expect(response.headers.get('Content-Type')).toBe('application/octet-stream');
    const { json, bytes } = await binaryAnswer(response);
    expect(json).toMatchObject({
      outputs: [
        { name: 'embedding', shape: [3, 1024], parameters: { binary_data_size: 12_288 } },
        { name: 'probabilities', shape: [3, 5], parameters: { binary_data_size: 60 } },
        { name: 'logits', shape: [3, 5], data: expect.any(Array) },
      ],
    });
    expect(bytes.length).toBe(12_288 + 60);
    expect(difference(floats(bytes.slice(0, 12_288)), reference.embedding)).toBeLessThan(1e-4);
    expect(difference(floats(bytes.slice(12_288)), reference.probabilities)).toBeLessThan(1e-4);
  });

  it('all outputs in binary with binary_data_output', async () => {
    const request = pixelRequest(PIXELS, SIDE, { parameters: { binary_data_output: true } });
    const { bytes } = await binaryAnswer(await tier.fetch(INFER, request));
    expect(bytes.length).toBe(3 * 4 * (5 + 5 + 1024));
  });

  it('normalised images as FP32', async () => {
    const values = normalise(PIXELS, model.manifest.preprocessing);
    const bytes = new Uint8Array(values.buffer);
    const shape = [3, SIDE, SIDE, 3];
    const outputs = [{ name: 'probabilities', parameters: { binary_data: true } }];
    const request = binaryRequest([{ name: 'image', datatype: 'FP32', shape, bytes }], { outputs });
    const answer = await binaryAnswer(await tier.fetch(INFER, request));
    expect(difference(floats(answer.bytes), reference.probabilities)).toBeLessThan(1e-4);
  });

  it('a compressed body', async () => {
    const { body, headers, ...rest } = pixelRequest(PIXELS, SIDE);
    const packed = { ...headers, 'Content-Encoding': 'gzip' };
    const request = { ...rest, headers: packed, body: new Uint8Array(gzipSync(body)) };
    expect((await tier.json(INFER, request)).status).toBe(200);
  });

  it('more images than one batch holds', async () => {
    const many = Buffer.concat(Array.from({ length: 7 }, () => PIXELS)); // 21, batches hold 8
    const outputs = [{ name: 'probabilities', parameters: { binary_data: true } }];
    const { json, bytes } = await binaryAnswer(
      await tier.fetch(INFER, pixelRequest(many, SIDE, { outputs })),
    );
    expect(json).toMatchObject({ outputs: [{ shape: [21, 5] }] });
    const probabilities = floats(bytes);
    for (let i = 0; i < 7; i++) {
      const three = probabilities.slice(i * 15, (i + 1) * 15);
      expect(difference(three, reference.probabilities)).toBeLessThan(1e-4);
    }
  });
});

describe('the classification extension', () => {
  it('gives score:index:label, top-k', async () => {
    const outputs = [
      { name: 'probabilities', parameters: { classification: 2 } },
      { name: 'logits', parameters: { classification: 99 } },
    ];
    const response = await tier.fetch(INFER, pixelRequest(PIXELS, SIDE, { outputs }));
    const { outputs: given } = (await response.json()) as {
      outputs: { shape: number[]; datatype: string; data: string[] }[];
    };
    expect(given.map(({ shape, datatype }) => [shape, datatype])).toEqual([
      [[3, 2], 'BYTES'],
      [[3, 5], 'BYTES'],
    ]);
    const first = Array.from(reference.probabilities.subarray(0, 5));
    const best = first.indexOf(Math.max(...first));
    const [score, index, label] = given[0]!.data[0]!.split(':');
    expect([index, label]).toEqual([String(best), `class ${best}`]);
    expect(Number(score)).toBeCloseTo(first[best]!, 4);
  });

  it('in binary too', async () => {
    const outputs = [{ name: 'embedding', parameters: { classification: 1, binary_data: true } }];
    const request = pixelRequest(PIXELS.subarray(0, SIDE * SIDE * 3), SIDE, { outputs });
    const { bytes } = await binaryAnswer(await tier.fetch(INFER, request));
    const length = new DataView(bytes.buffer).getUint32(0, true);
    expect(bytes.length).toBe(4 + length);
    expect(Buffer.from(bytes.slice(4)).toString()).toMatch(/^\d+\.\d{6}:\d+$/); // no labels
  });
});

describe('invalid requests', () => {
  const image = (more: object) => ({
    inputs: [{ name: 'image', shape: [1, SIDE, SIDE, 3], datatype: 'UINT8', ...more }],
  });
  it.each([
    ['no JSON', 'hello', /is not JSON/],
    ['no object', [], /must be a JSON object/],
    ['no inputs', { inputs: [] }, /"inputs" must be a list/],
    ['no data', image({}), /neither "data" nor the parameter "binary_data_size"/],
    ['too few numbers', image({ data: [1, 2, 3] }), /holds 3 numbers, which is not UINT8/],
    [
      'numbers that are no bytes',
      image({ shape: [3], data: [1, 2, 256] }),
      /256, which is not UINT8/,
    ],
    ['another shape', image({ shape: [1, 3], data: [1, 2, 3] }), /UINT8 \[1,3\], expected/],
    ['no shape', image({ shape: [0], data: [] }), /"shape" of image must be/],
    ['another type', image({ datatype: 'INT64', data: [] }), /datatype of image is INT64/],
    [
      'unknown input',
      { inputs: [{ ...image({ data: [] }).inputs[0], name: 'x', shape: [1], data: [1] }] },
      /no input "x"/,
    ],
    ['unknown output', { ...image({ data: [1] }), outputs: [{ name: 'top' }] }, /no output "top"/],
    [
      'shared memory',
      {
        ...image({}),
        inputs: [
          {
            ...image({}).inputs[0],
            parameters: { shared_memory_region: 'a', shared_memory_byte_size: 3 },
          },
        ],
      },
      /shared memory/,
    ],
    [
      'a bad parameter',
      { ...image({ data: [1] }), parameters: { priority: 9 } },
      /"priority" must be/,
    ],
    ['nesting without end', image({ data: [[[[[1]]]]] }), /nested too deeply/],
  ])('%s', async (_name, request, message) => {
    const { status, body } = await tier.json(INFER, {
      method: 'POST',
      body: typeof request === 'string' ? request : JSON.stringify(request),
    });
    expect(body).toMatchObject({ error: expect.stringMatching(message), code: 'invalid_argument' });
    expect(status).toBe(400);
  });

  it.each([
    ['bytes that nobody accounts for', '0', 400],
    ['a length beyond the body', '99999', 400],
    ['a length that is no number', 'x', 400],
  ])('%s', async (_name, length, expected) => {
    const request = pixelRequest(PIXELS, SIDE);
    request.headers['Inference-Header-Content-Length'] = length;
    const { status, body } = await tier.json(INFER, request);
    expect([status, body]).toMatchObject([expected, { code: 'invalid_argument' }]);
  });

  it('two inputs at once', async () => {
    const image = { name: 'image', datatype: 'UINT8', shape: [1, 1], bytes: new Uint8Array(1) };
    const { body } = await tier.json(INFER, binaryRequest([image, image]));
    expect(body).toMatchObject({ error: 'Send one input: "image" or "encoded".' });
  });
});
