/**
 * What the client does when things go wrong, against a server that has them go wrong.
 * @module
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { HebbClient } from './index.ts';

let server: Server;
let waited: number[];

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** A server that does this with the first request, that with the second, … */
async function serve(...answers: RequestListener[]): Promise<string> {
  let next = 0;
  server = createServer((request, response) => {
    request.resume(); // what was sent is of no interest
    request.on('end', () => answers[Math.min(next++, answers.length - 1)]!(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

/** A client of it. */
async function clientOf(...answers: RequestListener[]): Promise<HebbClient> {
  waited = [];
  return new HebbClient({
    edge: await serve(...answers),
    retry: {
      random: () => 0.5,
      wait: async (ms) => {
        waited.push(ms);
      },
    },
  });
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };

const error = (code: string) => ({ error: { code, message: 'It is so.', hint: 'Do this.' } });
const busy = (seconds: number) =>
  json(503, error('overloaded'), { 'retry-after': String(seconds), 'x-request-id': 'r1' });
const well = json(200, { status: 'ok' });
const cut: RequestListener = (_request, response) => response.destroy();

const lines =
  (text: string, end: 'ends' | 'is cut'): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.write(text, () => (end === 'ends' ? response.end() : response.destroy()));
  };

const image = new Blob(['x']);

async function batch(hebb: HebbClient) {
  const indices: number[] = [];
  try {
    for await (const { index } of hebb.batch([image, image])) indices.push(index);
    return { indices };
  } catch (error) {
    return { indices, error };
  }
}

test('retries after Retry-After', async () => {
  const hebb = await clientOf(busy(2), busy(0), well);
  expect(await hebb.health()).toEqual({ status: 'ok' });
  expect(waited).toEqual([2000, 1000]);
});

test('sends a request at most three times', async () => {
  const hebb = await clientOf(busy(1));
  const thrown = { code: 'overloaded', hint: 'Do this.', requestId: 'r1', retryAfterMs: 1000 };
  await expect(hebb.health()).rejects.toMatchObject(thrown);
  expect(waited).toHaveLength(2);
});

test('does not wait for a long Retry-After', async () => {
  const hebb = await clientOf(busy(60), well);
  await expect(hebb.health()).rejects.toMatchObject({ retryAfterMs: 60_000 });
  expect(waited).toEqual([]);
});

test('retries after a broken connection', async () => {
  const hebb = await clientOf(cut, well);
  expect(await hebb.health()).toEqual({ status: 'ok' });
  expect(waited).toEqual([500]);
});

test('does not retry an error of the request', async () => {
  const hebb = await clientOf(json(400, error('invalid_argument')), well);
  await expect(hebb.classify(image)).rejects.toMatchObject({ code: 'invalid_argument' });
});

test('sends a request that is not idempotent once', async () => {
  const hebb = await clientOf(cut, well);
  await expect(hebb.jobs.cancel('x')).rejects.toMatchObject({ code: 'edge_unreachable' });
  await expect(hebb.health()).resolves.toEqual({ status: 'ok' });
});

test('reports edge_unreachable for a server that is not Hebb', async () => {
  const page: RequestListener = (_request, response) => response.end('<!doctype html>');
  const hebb = await clientOf(page);
  await expect(hebb.health()).rejects.toThrow('answers with what is no JSON');
  const proxy = await clientOf(json(502, 'Bad Gateway'));
  await expect(proxy.health()).rejects.toThrow('answers 502, as no Worker of Hebb would.');
});

test('a batch that breaks off yields its lines, then throws', async () => {
  const hebb = await clientOf(lines('{"index":0}\n', 'is cut'));
  const { indices, error: thrown } = await batch(hebb);
  expect(indices).toEqual([0]);
  expect(thrown).toMatchObject({ code: 'edge_unreachable' });
});

test('a batch that ends early yields its lines, then throws its error', async () => {
  const silent = await batch(await clientOf(lines('\n{"index":0}\n', 'ends')));
  expect(silent).toMatchObject({ indices: [0], error: { code: 'edge_unreachable' } });
  const text = `{"index":0}\n${JSON.stringify(error('body_timeout'))}\n`;
  const told = await batch(await clientOf(lines(text, 'ends')));
  expect(told).toMatchObject({ indices: [0], error: { code: 'body_timeout', hint: 'Do this.' } });
});

test('an aborted request throws the signal’s reason', async () => {
  const ends = new AbortController();
  const hebb = await clientOf(() => ends.abort(new Error('enough')));
  await expect(hebb.health({ signal: ends.signal })).rejects.toThrow('enough');
});

test('an answer that takes too long is edge_unreachable', async () => {
  const edge = await serve(() => {});
  const hebb = new HebbClient({ edge, timeoutMs: 20, retry: { attempts: 1 } });
  await expect(hebb.health()).rejects.toMatchObject({ code: 'edge_unreachable' });
});
