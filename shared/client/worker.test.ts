/**
 * The client against the real Worker.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { ROOT } from '@hebb/local/bundle';
import { BUILT_IN_MODEL } from '@hebb/packages/find';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { build } from 'esbuild';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HebbClient, type Line } from './index.ts';

const image = async (name: string) =>
  new File([await readFile(new URL(`../../test/samples/${name}`, import.meta.url))], name);
const [sunflower, daisy] = [await image('sunflower.jpg'), await image('daisy.jpg')];
const notes = new File(['no image at all'], 'notes.txt');

let worker: TestWorker;
let hebb: HebbClient;

beforeAll(async () => {
  worker = await startWorker({ model: BUILT_IN_MODEL });
  hebb = new HebbClient({ edge: worker.url });
});
afterAll(() => worker.close());

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}

const labelOf = (line: Line) => ('error' in line ? line.error.code : line.predictions[0]!.label);

describe('one image', () => {
  test('is classified', async () => {
    const { predictions, tier } = await hebb.classify(sunflower, { top: 2 });
    expect(predictions).toHaveLength(2);
    expect(predictions[0]!.label).toBe('sunflowers');
    expect(tier).toBe('edge');
  });

  test('may be bytes', async () => {
    const { predictions } = await hebb.classify(await daisy.arrayBuffer());
    expect(predictions[0]!.label).toBe('daisy');
  });

  test('that cannot be decoded throws the service’s error', async () => {
    const { code, status, requestId } = await hebb.classify(notes).catch((error) => error);
    expect({ code, status }).toEqual({ code: 'unsupported_format', status: 415 });
    expect(requestId).toMatch(/./);
  });

  test('at a URL of a host that is not listed is refused', async () => {
    const error = await hebb.classify({ url: 'https://example.com/a.jpg' }).catch((e) => e);
    expect(error.code).toBe('url_refused');
  });
});

describe('a batch', () => {
  test('is a line for each image, in order', async () => {
    const lines = await all(hebb.batch([sunflower, notes, daisy]));
    expect(lines.map(({ index, name }) => [index, name])).toEqual([
      [0, 'sunflower.jpg'],
      [1, 'notes.txt'],
      [2, 'daisy.jpg'],
    ]);
    expect(lines.map(labelOf)).toEqual(['sunflowers', 'unsupported_format', 'daisy']);
  });

  test('of too many images throws', async () => {
    const images = Array.from({ length: 501 }, () => notes);
    const error = await all(hebb.batch(images)).catch((e) => e);
    expect(error.code).toBe('batch_too_large');
  });

  test('ends when it is aborted', async () => {
    const ends = new AbortController();
    const seen: Line[] = [];
    const images = Array.from({ length: 40 }, () => sunflower);
    const error = await (async () => {
      for await (const line of hebb.batch(images, { signal: ends.signal, cache: false })) {
        seen.push(line);
        ends.abort(new Error('enough'));
      }
    })().catch((e) => e);
    expect(error.message).toBe('enough');
    expect(seen.length).toBeLessThan(40);
  });
});

describe('a job', () => {
  test('is created once, followed, read from an offset, and cancelled', async () => {
    const images = [sunflower, notes, daisy];
    const made = await hebb.jobs.create(images, { top: 1, idempotencyKey: 'once' });
    const again = await hebb.jobs.create(images, { top: 1, idempotencyKey: 'once' });
    expect(again.id).toBe(made.id);
    const updates = await all(hebb.jobs.follow(made.id, { offset: 0, intervalMs: 50 }));
    expect(updates.at(-1)!.status.state).toBe('completed');
    expect(updates.flatMap(({ lines }) => lines).map(labelOf)).toEqual([
      'sunflowers',
      'unsupported_format',
      'daisy',
    ]);
    const { lines, next, state } = await hebb.jobs.results(made.id, { offset: 2 });
    expect([lines.map(({ index }) => index), next, state]).toEqual([[2], 3, 'completed']);
    const { jobs } = await hebb.jobs.list({ limit: 1 });
    expect(jobs[0]!.id).toBe(made.id);
    const none = await hebb.jobs.replay(made.id).catch((e) => e);
    expect(none.code).toBe('job_not_replayable');
    await hebb.jobs.cancel(made.id);
    const gone = await hebb.jobs.show(made.id).catch((e) => e);
    expect(gone.code).toBe('job_not_found');
  });
});

test('models, health and readiness', async () => {
  const [served] = (await hebb.models()).models;
  const { status, model } = await hebb.ready();
  expect([status, model.version]).toEqual(['ready', served!.version]);
  expect(await hebb.health()).toEqual({ status: 'ok' });
});

test('the client runs inside a Worker too', async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { HebbClient } from '@hebb/client';
        export default {
          async fetch(request, { EDGE }) {
            const hebb = new HebbClient({ edge: EDGE });
            const image = await request.blob();
            const { predictions } = await hebb.classify(image, { top: 1 });
            const lines = [];
            for await (const line of hebb.batch([image, new Blob(['x'])], { top: 1 })) lines.push(line);
            return Response.json({ label: predictions[0].label, lines });
          },
        };`,
      resolveDir: ROOT,
    },
    bundle: true,
    format: 'esm',
    write: false,
  });
  const caller = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      workers: [
        {
          name: 'caller',
          modules: true,
          script: outputFiles[0]!.text,
          compatibilityDate: '2026-06-01',
          bindings: { EDGE: worker.url.origin },
        },
      ],
    }),
  );
  try {
    const url = await caller.ready;
    const response = await fetch(url, { method: 'POST', body: sunflower });
    expect(await response.json()).toMatchObject({
      label: 'sunflowers',
      lines: [
        { predictions: [{ label: 'sunflowers' }] },
        { error: { code: 'unsupported_format' } },
      ],
    });
  } finally {
    await caller.dispose();
  }
});
