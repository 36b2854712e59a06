/**
 * `hebb classify` when the connection breaks in the middle of a batch.
 * @module
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { HebbClient } from '@hebb/client';
import { ROOT } from '@hebb/local/bundle';
import { BUILT_IN_MODEL } from '@hebb/packages/find';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Input } from './inputs.ts';
import { type Sent, send } from './send.ts';

let worker: TestWorker;
let proxy: Server;
/** How many lines of each batch are let through, one after the other; all when none is left. */
let cuts: number[];
let batches: number;

beforeAll(async () => {
  worker = await startWorker({ model: BUILT_IN_MODEL });
  proxy = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const { hostname, port } = worker.url;
    batches++;
    let left = cuts.shift() ?? Number.POSITIVE_INFINITY;
    // A connection that is closed with bytes unread takes what was written along (RFC 1122, 4.2.2.13).
    const sent = once(incoming, 'end');
    sent.catch(() => {}); // the client has gone
    const forwarded = request({ hostname, port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      const lines = createInterface({ input: answer });
      lines.on('line', (line) => {
        if (left-- > 0) outgoing.write(`${line}\n`);
        if (left <= 0) void sent.then(() => outgoing.destroy());
      });
      lines.on('error', () => outgoing.destroy());
      lines.on('close', () => left > 0 && outgoing.end());
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await worker.close();
});

const samples = await Promise.all(
  ['daisy.jpg', 'sunflower.jpg', 'tulips.jpg'].map((name) =>
    readFile(join(ROOT, 'test', 'samples', name)),
  ),
);

const inputs: Input[] = Array.from({ length: 9 }, (_, n) => {
  const image = new Uint8Array(samples[n % 3]!);
  return { name: `${n}.jpg`, bytes: image.length, open: async () => new Blob([image]) };
});

async function classified(breaks: number[]): Promise<{ sent: Sent[]; error?: unknown }> {
  [cuts, batches] = [breaks, 0];
  const { port } = proxy.address() as AddressInfo;
  const retry = { attempts: 1 };
  const client = new HebbClient({ edge: `http://127.0.0.1:${port}`, retry });
  const sent: Sent[] = [];
  try {
    for await (const one of send(client, inputs, { top: 1 })) sent.push(one);
    return { sent };
  } catch (error) {
    return { sent, error };
  }
}

const labels = (sent: readonly Sent[]) =>
  sent.map(({ line }) => ('error' in line ? line.error.code : line.predictions[0]!.label));

it('continues after the interruption: every image has one line, in order', async () => {
  const { sent, error } = await classified([2, 4]);
  expect(error).toBeUndefined();
  expect(batches).toBe(3);
  expect(sent.map(({ line }) => [line.index, line.name])).toEqual(
    inputs.map(({ name }, index) => [index, name]),
  );
  expect(labels(sent)).toEqual(Array(3).fill(['daisy', 'sunflowers', 'tulips']).flat());
});

it('gives up without any answer', async () => {
  const { sent, error } = await classified([3, 0]);
  expect(sent.length).toBeLessThanOrEqual(3); // what was on its way is lost
  expect(error).toMatchObject({ code: 'edge_unreachable' });
});
