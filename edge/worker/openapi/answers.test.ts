/**
 * Compares answers of a real Worker with its description, including its examples.
 * @module
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '@hebb/local/bundle';
import type { ErrorBody } from '@hebb/model/errors';
import { BUILT_IN_MODEL } from '@hebb/packages/find';
import type { JobStatus } from '@hebb/protocol/jobs/status';
import { Described, type Document } from '@hebb/test/openapi/described';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const FILE = join(ROOT, 'edge', 'worker', 'openapi', 'examples.json');

const read = (name: string) => readFile(join(ROOT, 'test', 'samples', name));
const sunflower = new Blob([await read('sunflower.jpg')]);
const daisy = new Blob([await read('daisy.jpg')]);
const notes = new Blob(['no image at all']);

let worker: TestWorker;
let described: Described;
let version: string;

beforeAll(async () => {
  worker = await startWorker({ model: BUILT_IN_MODEL });
  const response = await worker.fetch('/openapi.json');
  described = new Described((await response.json()) as Document);
  await worker.fetch('/readyz');
});
afterAll(() => worker.close());

/** Sends a request, and checks the answer against the description of `method path`. */
async function ask(method: string, path: string, init: RequestInit = {}) {
  const response = await worker.fetch(path, { method, ...init });
  const text = response.clone();
  const body = await described.check(method, path.split('?')[0]!, response);
  return { status: response.status, body, text: await text.text() };
}

const post = (path: string, body: BodyInit | null, headers: Record<string, string> = {}) =>
  ask('POST', path, { body, headers });

const form = (...images: [Blob, string][]) => {
  const data = new FormData();
  for (const [image, name] of images) data.append('image', image, name);
  return data;
};

async function jobThatEnded(): Promise<JobStatus> {
  const { body } = await post(
    '/v1/jobs?top=1',
    form([sunflower, 'sunflower.jpg'], [notes, 'notes.txt']),
  );
  for (;;) {
    const status = (await ask('GET', `/v1/jobs/${(body as JobStatus).id}`)).body as JobStatus;
    if (status.state === 'completed') return status;
  }
}

describe('answers', () => {
  /** The examples of the description, and the requests they come from. */
  const answers: Record<string, () => Promise<{ status: number; body: unknown; text: string }>> = {
    classification: () => post('/v1/classify?top=2', sunflower),
    batch: () =>
      post(
        '/v1/batch?top=1',
        form([sunflower, 'sunflower.jpg'], [notes, 'notes.txt'], [daisy, 'daisy.jpg']),
      ),
    health: () => ask('GET', '/healthz'),
    home: () => ask('GET', '/'),
    jobList: async () => {
      await jobThatEnded();
      return await ask('GET', '/v1/jobs?limit=1');
    },
    jobResults: async () => ask('GET', `/v1/jobs/${(await jobThatEnded()).id}/results`),
    jobStatus: async () => ask('GET', `/v1/jobs/${(await jobThatEnded()).id}`),
    models: () => ask('GET', '/v1/models'),
    readiness: () => ask('GET', '/readyz'),
  };

  const errors: Record<string, () => Promise<{ body: unknown }>> = {
    batch_too_large: () => post('/v1/batch', LINE.repeat(501), NDJSON),
    broken_image: async () => post('/v1/classify', sunflower.slice(0, 5000)),
    gpu_unavailable: () => post('/v1/classify?tier=gpu', sunflower),
    idempotency_reused: async () => {
      const again = { 'Idempotency-Key': 'again' };
      await post('/v1/jobs?top=1', form([notes, 'notes.txt']), again);
      return await post('/v1/jobs?top=2', form([notes, 'notes.txt']), again);
    },
    invalid_argument: () => post('/v1/classify?top=11', notes),
    invalid_batch: () => post('/v1/batch', 'text', { 'Content-Type': 'text/plain' }),
    job_not_found: () => ask('GET', '/v1/jobs/none'),
    job_not_replayable: async () => post(`/v1/jobs/${(await jobThatEnded()).id}/replay`, null),
    key_invalid: () => post('/v1/classify', notes, { Authorization: 'Bearer none' }),
    method_not_allowed: async () => {
      const response = await worker.fetch('/v1/classify', { method: 'DELETE' });
      return { body: await described.check('POST', '/v1/classify', response) };
    },
    missing_image: () => post('/v1/classify', ''),
    model_not_found: () => ask('GET', `/v1/models/${'0'.repeat(64)}/files/manifest.json`),
    not_found: () => ask('GET', `/v1/models/${version}/files/README.md`),
    origin_refused: () => post('/v1/classify', notes, { Origin: 'https://example.com' }),
    unsupported_format: () => post('/v1/classify', notes),
    url_refused: () =>
      post('/v1/classify', '{"url":"https://example.com/a.jpg"}', {
        'Content-Type': 'application/json',
      }),
    webhook_refused: () => post('/v1/jobs?webhook=https://example.com', LINE, NDJSON),
  };

  const examples = async () => JSON.parse(await readFile(FILE, 'utf8'));

  test('and errors match their description, and the examples are up to date', async () => {
    version = ((await ask('GET', '/readyz')).body as { model: { version: string } }).model.version;
    const found = { answers: {} as Record<string, unknown>, errors: {} as Record<string, unknown> };
    for (const [name, get] of Object.entries(answers)) {
      const { body, text } = await get();
      found.answers[name] = Array.isArray(body) ? text.replace(/^\n+/, '') : body;
    }
    for (const [code, get] of Object.entries(errors)) {
      const { body } = await get();
      const error = Array.isArray(body) ? body.at(-1) : body; // the last line of a batch
      expect((error as ErrorBody).error.code).toBe(code);
      found.errors[code] = error;
    }
    const settled = JSON.parse(JSON.stringify(found).replaceAll(worker.url.origin, ORIGIN));
    if (process.env.HEBB_WRITE_EXAMPLES === '1') {
      await writeFile(FILE, `${JSON.stringify(settled, null, 2)}\n`);
    }
    expect(stable(settled)).toEqual(stable(await examples()));
  });

  test('without an example match their description', async () => {
    const cached = { 'Content-Type': 'multipart/form-data; boundary=x' };
    await ask('GET', '/v1/models');
    const weights = await ask('GET', `/v1/models/${version}/files/weights.int8.safetensors`);
    expect(weights.status).toBe(200);
    await ask('GET', '/openapi.json');
    await ask('GET', '/debug/memory');
    for (const page of ['/', '/docs', '/network']) {
      expect((await ask('GET', page, { headers: { Accept: 'text/html' } })).status).toBe(200);
    }
    const { id } = await jobThatEnded();
    expect((await ask('DELETE', `/v1/jobs/${id}`)).status).toBe(204);
    const once = { 'Idempotency-Key': 'once' };
    const image = form([sunflower, 'sunflower.jpg']);
    expect((await post('/v1/batch', image, once)).text).toContain('sunflowers');
    expect((await post('/v1/batch', '--x--', cached)).status).toBe(400);
  });
});

const LINE = '{"image":"eA=="}\n';
const NDJSON = { 'Content-Type': 'application/x-ndjson' };
const ORIGIN = 'https://hebb.example.com';

/** Without values that differ between runs. */
function stable(value: unknown): unknown {
  const text = JSON.stringify(value)
    .replace(/(\\?"(?:decode_ms|infer_ms|eta_seconds)\\?"):[\d.]+/g, '$1:0')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/[0-9a-z]{26}/g, (id) => (/^[0-9a-f]+$/.test(id) ? id : 'ID'));
  return JSON.parse(text);
}
