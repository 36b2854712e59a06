import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { imageFiles } from '@hebb/images/images';
import type { Manifest } from '@hebb/model';
import { BUILT_IN_MODEL, findPackage } from '@hebb/packages/find';
import { readPackage } from '@hebb/packages/folder';
import { encoder, picture } from '@hebb/test/decode/pictures';
import { tar } from '@hebb/test/support/tar-writer';
import { startWorker } from '@hebb/test/support/worker';
import { ask, digestOf, type Question } from '@hebb/worker/gpu/attempt';
import { makeChunk } from '@hebb/worker/gpu/chunk';
import type { BenchContext } from '../context.ts';
import { startTier } from '../gpu-tier/service.ts';
import { describeMachine } from '../machine.ts';
import { spread } from '../measure/statistics.ts';
import type { BenchOptions } from '../options.ts';
import type { BatchResult } from '../results.ts';

const IMAGES = 256;
const CHUNK = 32;
/** Concurrent requests, enough to keep the tier busy. */
const AT_ONCE = 4;

/** Measures a batch through the edge, and the same images sent to the GPU tier directly. */
export async function benchBatch(
  options: BenchOptions,
  { cwd, env, log }: BenchContext,
): Promise<BatchResult> {
  const dir = options.package === undefined ? BUILT_IN_MODEL : findPackage(options.package, cwd);
  const { manifest } = await readPackage(dir);
  const { images, what } = await batchImages(options.calibrate, IMAGES);
  const secret = randomBytes(32).toString('hex');
  const tier = await startTier(dir, [], { ...env, HEBB_HOP_SECRET: secret });
  // The default limits, as in a deployment, not those of the tests.
  const vars = { HEBB_GPU_URL: tier.url.origin, HEBB_HOP_SECRET: secret, HEBB_LIMITS: '' };
  const worker = await startWorker({ model: dir, vars });
  try {
    const hop = { url: tier.url.origin, secret, manifest };
    const direct = directClient(hop, { chunk: CHUNK, atOnce: AT_ONCE });
    const body = bodyOf(images);
    await direct.all(images); // warm-up
    await throughEdge(worker.url, body);
    const rounds: (EdgeRun & { directMs: number; chunkMs: number })[] = [];
    for (let round = 0; round < options.rounds; round++) {
      const directMs = await direct.all(images);
      const edge = await throughEdge(worker.url, body);
      const chunkMs = await direct.all(images.slice(0, CHUNK));
      rounds.push({ ...edge, directMs, chunkMs });
      log(`round ${round + 1}: ${JSON.stringify(rounds.at(-1))}`);
    }
    const rate = (ms: number) => (1000 * IMAGES) / ms;
    return {
      bench: 'batch',
      machine: describeMachine(new Date()),
      ...(options.note !== undefined && { note: options.note }),
      weights: `package ${manifest.name}, version ${manifest.version.slice(0, 12)}`,
      images: what,
      rounds: options.rounds,
      direct: spread(rounds.map(({ directMs }) => rate(directMs))),
      edge: spread(rounds.map(({ allMs }) => rate(allMs))),
      share: spread(rounds.map(({ allMs, directMs }) => directMs / allMs)),
      firstMs: spread(rounds.map(({ firstMs }) => firstMs)),
      chunkMs: spread(rounds.map(({ chunkMs }) => chunkMs)),
      firstInChunks: spread(rounds.map(({ firstMs, chunkMs }) => firstMs / chunkMs)),
      tiers: rounds.at(-1)!.tiers,
    };
  } finally {
    await worker.close();
    await tier.stop();
  }
}

/** `count` image files, spread over the folder; without a folder, drawn JPEGs of 500×375 pixels. */
async function batchImages(folder: string | undefined, count: number) {
  const files =
    folder === undefined
      ? await Promise.all(
          Array.from({ length: count }, (_, i) =>
            encoder(picture(500, 375 + (i % 8)))
              .jpeg()
              .toBuffer(),
          ),
        )
      : await filesOf(folder, count);
  const images = Array.from({ length: count }, (_, i) => new Uint8Array(files[i % files.length]!));
  const bytes = images.reduce((sum, { length }) => sum + length, 0);
  const what = folder === undefined ? 'drawn, 500×375 pixels' : 'photographs';
  return { images, what: `${count} JPEGs, ${what}, ${(bytes / count / 1000).toFixed(0)} KB each` };
}

async function filesOf(folder: string, count: number) {
  const found = await imageFiles(folder);
  const step = Math.max(1, Math.floor(found.length / count));
  const chosen = found.filter((_, i) => i % step === 0).slice(0, count);
  return await Promise.all(chosen.map(({ path }) => readFile(path)));
}

const TIMEOUT_MS = 120_000;

interface Direct {
  /** Sends all images in chunks, `atOnce` of them concurrently. Resolves to the time, ms. */
  all(images: readonly Uint8Array<ArrayBuffer>[]): Promise<number>;
}

/** A client of the GPU tier that sends the same signed requests as the edge. */
function directClient(
  { url, secret, manifest }: { url: string; secret: string; manifest: Manifest },
  { chunk, atOnce }: { chunk: number; atOnce: number },
): Direct {
  const hop = { url: url.replace(/\/$/, ''), fetch, secret };
  const { name, version, labels, network } = manifest;
  const send = async (images: readonly Uint8Array<ArrayBuffer>[]) => {
    const question: Question = {
      model: name,
      version,
      images: images.length,
      classes: labels.length,
      chunk: makeChunk('encoded', images, network.inputSize),
      requestId: 'bench',
      decodeMs: 0,
    };
    const signal = new AbortController().signal;
    await ask(hop, question, { digest: await digestOf(question), timeoutMs: TIMEOUT_MS, signal });
  };
  return {
    async all(images) {
      const began = performance.now();
      let next = 0;
      const loop = async () => {
        while (next < images.length) {
          const from = next;
          next += chunk;
          await send(images.slice(from, from + chunk));
        }
      };
      await Promise.all(Array.from({ length: atOnce }, loop));
      return performance.now() - began;
    },
  };
}

interface EdgeRun {
  /** Time to the first result and to the last, ms. */
  readonly firstMs: number;
  readonly allMs: number;
  /** Number of results by tier; `error` counts errors. */
  readonly tiers: Readonly<Record<string, number>>;
}

const bodyOf = (images: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(tar(images.map((content, i) => ({ path: `${i}.jpg`, content }))));

/** Sends a batch to the edge and reads the whole answer. */
async function throughEdge(url: URL, body: Uint8Array<ArrayBuffer>): Promise<EdgeRun> {
  const began = performance.now();
  const response = await fetch(new URL('/v1/batch?top=1', url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-tar' },
    body,
  });
  let firstMs: number | undefined;
  let text = '';
  const decoder = new TextDecoder();
  for await (const piece of response.body!) {
    text += decoder.decode(piece as Uint8Array, { stream: true });
    if (text.trimStart().includes('\n')) firstMs ??= performance.now() - began;
  }
  const allMs = performance.now() - began;
  const tiers: Record<string, number> = {};
  for (const line of text.split('\n').filter((line) => line !== '')) {
    const { tier = 'error' } = JSON.parse(line) as { tier?: string };
    tiers[tier] = (tiers[tier] ?? 0) + 1;
  }
  return { firstMs: firstMs ?? allMs, allMs, tiers };
}
