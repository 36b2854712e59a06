/**
 * Replacing a model when the isolate has no memory for two. Runs in Node with real packages and the real
 * engine, since no real Worker is so small.
 */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { checkEngineFits, loadEngine } from '@hebb/engine';
import { PACKAGE_FILES, type Releases } from '@hebb/model';
import { provideDigestStream } from '@hebb/test/support/digest-stream';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { loadKernels } from '@hebb/train/quantize/kernels';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MemoryBudget } from '../concurrency/memory-budget.ts';
import type { PackageFiles } from './files.ts';
import { Models } from './models.ts';
import { ModelRegistry } from './registry.ts';

provideDigestStream();

let builtIn: TestPackage;
let birds: TestPackage;
let kernels: WebAssembly.Module;
let pointer: Releases;

beforeAll(async () => {
  kernels = await loadKernels();
  builtIn = await testPackage({ name: 'built-in', inputSize: 64, float: false });
  birds = await testPackage({ name: 'birds', inputSize: 64, seed: 3, float: false });
});
afterAll(() => Promise.all([builtIn, birds].map((model) => model.remove())));
beforeEach(() => {
  pointer = { current: null, before: [], withdrawn: [] };
});

const folderFiles = (dir: string): PackageFiles => ({
  description: dir,
  open: (file) => createReadStream(join(dir, file)) as AsyncIterable<Uint8Array<ArrayBuffer>>,
});

const keepAlive = (promise: Promise<unknown>) => void promise.catch(() => {});

/** An isolate with this budget for decoding, which a second model is loaded in. */
function isolate(capacityBytes: number) {
  const memory = new MemoryBudget({
    name: 'decoding',
    capacityBytes,
    maxWaiting: 0,
    maxWaitMs: 1000,
  });
  const models = new Models({
    registry: new ModelRegistry({ get: async () => JSON.stringify(pointer) }, 0, () => 0),
    builtIn: folderFiles(builtIn.dir),
    published: folderFiles,
    loaders: {
      checkInt8: ({ network, files }) =>
        checkEngineFits(kernels, network, files[PACKAGE_FILES.int8]),
      int8: ({ network }, weights) => loadEngine(kernels, network, weights, { lean: true }),
      tfjs: () => Promise.reject(new Error('not here')),
    },
    memory,
    patienceMs: 20_000,
    retryAfterMs: 0,
    retryAtMostMs: 0,
    now: () => 0,
    warmUp: async (model) => void (await model.classify('int8', grey, keepAlive)),
  });
  return { models, memory, current: () => models.current(keepAlive) };
}

const grey = new Uint8Array(64 * 64 * 3).fill(128);
const release = ({ dir, manifest: { name, version } }: TestPackage, at = 'today') => ({
  name,
  version,
  prefix: dir,
  publishedAt: at,
});

describe('a model that leaves no memory for a second one', () => {
  it('is dropped first: the next request waits for its successor', async () => {
    const { models, current } = isolate(1e6);
    const first = await current();
    expect(first.manifest.name).toBe('built-in');
    pointer = { ...pointer, current: release(birds) };
    const second = await current();
    expect(second.manifest.name).toBe('birds');
    expect(models.refused).toBeUndefined();
    expect(await second.classify('int8', grey, keepAlive)).toHaveLength(5);

    expect(first.memoryBytes('int8')).toBe(0);
    await expect(first.classify('int8', grey, keepAlive)).rejects.toMatchObject({
      code: 'model_unavailable',
      hint: 'Send the request again.',
    });
    pointer = { current: null, before: [], withdrawn: [release(birds)] };
    expect((await current()).manifest.name).toBe('built-in');
  });

  it('is dropped too if other requests hold the memory', async () => {
    const { memory, current } = isolate(50e6);
    await current();
    await memory.reserve(50e6);
    pointer = { ...pointer, current: release(birds) };
    await current(); // starts loading
    await new Promise((resolve) => setImmediate(resolve));
    expect((await current()).manifest.name).toBe('birds');
  });

  it('is loaded again if its successor is broken', async () => {
    const { models, current } = isolate(1e6);
    await current();
    pointer = { ...pointer, current: { ...release(birds), version: 'f'.repeat(64) } };
    expect((await current()).manifest.name).toBe('built-in');
    expect(models.refused).toMatchObject({ name: 'birds', code: 'invalid_package' });
  });
});

describe('with memory for two', () => {
  it('the previous model answers until its successor is loaded', async () => {
    const { memory, current } = isolate(50e6);
    const first = await current();
    pointer = { ...pointer, current: release(birds) };
    expect(await current()).toBe(first);
    expect(memory.usedBytes).toBe(first.memoryBytes('int8'));
    while ((await current()) === first) await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await current()).manifest.name).toBe('birds');
    expect(memory.usedBytes).toBe(0);
  });
});
