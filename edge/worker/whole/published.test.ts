import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_FILES, type Tensor, writeSafetensors } from '@hebb/model';
import { readPackage, writePackage } from '@hebb/packages/folder';
import { encoder, picture } from '@hebb/test/decode/pictures';
import { testPreprocessing } from '@hebb/test/support/package';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { LONG_MS } from '@hebb/test/support/patient-limits';
import { publish, publishUnchecked, rollback, tamper } from '@hebb/test/support/publish';
import { startWorker, type TestWorker } from '@hebb/test/support/worker';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

let builtIn: TestPackage;
let flowers: TestPackage;
let birds: TestPackage;
/** With float32 weights, for the tfjs engine. */
let trees: TestPackage;
let jpeg: Uint8Array<ArrayBuffer>;
let worker: TestWorker;

beforeAll(async () => {
  builtIn = await testPackage({ name: 'built-in', inputSize: 64, float: false });
  flowers = await testPackage({
    name: 'flowers',
    inputSize: 64,
    classes: 3,
    seed: 2,
    float: false,
  });
  birds = await testPackage({ name: 'birds', inputSize: 64, classes: 4, seed: 3, float: false });
  trees = await testPackage({ name: 'trees', inputSize: 64, classes: 3, seed: 2 });
  jpeg = new Uint8Array(await encoder(picture(320, 240)).jpeg().toBuffer());
});
afterAll(() => Promise.all([builtIn, flowers, birds, trees].map((model) => model?.remove())));

let persist: string;
const start = (model = builtIn.dir) =>
  startWorker({ model, persist, vars: { HEBB_POINTER_AGE_MS: '0' } });

beforeEach(async () => {
  persist = await mkdtemp(join(tmpdir(), 'hebb-state-'));
  worker = await start();
});
afterEach(async () => {
  await worker.close();
  await rm(persist, { recursive: true, force: true });
});

/** Another isolate, which has nothing in memory, on the same R2 and KV. */
async function anew(): Promise<void> {
  await worker.close();
  worker = await start();
}

const post = (path = '') => worker.fetch(`/v1/classify${path}`, { method: 'POST', body: jpeg });

interface Listed {
  readonly models: readonly { readonly name: string; readonly source: string }[];
  readonly refused?: {
    readonly name: string;
    readonly version: string;
    readonly code: string;
    readonly reason: string;
  };
}
const list = async () => (await (await worker.fetch('/v1/models')).json()) as Listed;

/** The name of the model that answers; checks the answer. */
async function answering(): Promise<string> {
  const response = await post('?top=3');
  expect(response.status).toBe(200);
  const { model, predictions } = (await response.json()) as {
    model: { name: string };
    predictions: { score: number }[];
  };
  expect(predictions).toHaveLength(3);
  expect(predictions[0]!.score).toBeGreaterThan(0);
  return model.name;
}

/** Up to the timeout of a test. */
const POLLING = { timeout: LONG_MS, interval: 100 };
const answersWith = ({ manifest }: TestPackage) =>
  vi.waitUntil(async () => (await answering()) === manifest.name, POLLING);

/** Waits until the Worker has refused the package; returns the reason. */
async function refusal({ manifest }: TestPackage): Promise<string> {
  return await vi.waitUntil(async () => {
    await answering();
    const { refused } = await list();
    return refused?.version === manifest.version && refused.reason;
  }, POLLING);
}

/** Inverts one byte, far behind the header. */
const spoil = (bytes: Buffer) => {
  bytes[bytes.length - 1000]! ^= 1;
  return bytes;
};

describe('a published model', () => {
  it('replaces the built-in one without a restart, in both engines', async () => {
    expect(await answering()).toBe('built-in');
    const { release } = await publish(worker, trees);
    await answersWith(trees);
    expect((await list()).models).toMatchObject([
      { name: 'trees', version: trees.manifest.version, source: `R2 ${release.prefix}` },
    ]);
    const response = await post('?top=3&engine=tfjs');
    expect(await response.json()).toMatchObject({
      model: { name: 'trees', precision: 'float32' },
    });
  });

  it('is served by a new isolate, and after a rollback', async () => {
    await publish(worker, flowers);
    expect(await answering()).toBe('flowers'); // the first request waits for it
    await publish(worker, birds);
    await answersWith(birds);
    await rollback(worker);
    await answersWith(flowers);
    await rollback(worker);
    await answersWith(builtIn);
    await rollback(worker, birds.manifest.version.slice(0, 8));
    await answersWith(birds);
  });

  it('is switched under load without a failed or mixed answer', async () => {
    await publish(worker, flowers);
    const seen = new Set<string>();
    let over = false;
    const client = async () => {
      while (!over) seen.add(await answering());
    };
    const clients = [client(), client(), client()];
    await answersWith(flowers);
    await publish(worker, birds);
    await answersWith(birds);
    over = true;
    await Promise.all(clients);
    expect(seen).toEqual(new Set(['flowers', 'birds']));
  });
});

describe('a published model that is broken', () => {
  beforeEach(async () => {
    await publish(worker, flowers);
    expect(await answering()).toBe('flowers');
  });

  it('with a wrong checksum is refused, and loads once the object is correct', async () => {
    await publish(worker, birds);
    await tamper(worker, birds, PACKAGE_FILES.int8, spoil);
    expect(await refusal(birds)).toContain('sha256');
    expect(await answering()).toBe('flowers');
    const { moved, uploaded } = await publish(worker, birds);
    expect(moved).toBe(false);
    expect(uploaded).toEqual([expect.stringContaining(PACKAGE_FILES.int8)]);
    await answersWith(birds);
    expect((await list()).refused).toBeUndefined();
  });

  it('is retried automatically', async () => {
    await publish(worker, birds);
    await tamper(worker, birds, PACKAGE_FILES.int8, spoil);
    await refusal(birds);
    await tamper(worker, birds, PACKAGE_FILES.int8, spoil); // restores the byte
    await answersWith(birds);
  });

  it('is refused with the reason', async () => {
    const { int8, manifest } = PACKAGE_FILES;
    const faults: [
      file: string,
      fault: (bytes: Buffer) => Buffer | string | null,
      reason: string,
    ][] = [
      [int8, (bytes) => bytes.subarray(0, -100), 'is shorter'],
      [int8, (bytes) => Buffer.concat([bytes, bytes.subarray(0, 4)]), 'is longer'],
      [int8, () => null, 'There is no weights.int8.safetensors'],
      [manifest, () => null, 'There is no manifest.json'],
      [manifest, (bytes) => bytes.subarray(0, 500), 'manifest.json is not JSON'],
      [manifest, () => JSON.stringify(builtIn.manifest), 'the registry has'],
      [
        manifest,
        (bytes) => bytes.toString().replace('class 1', 'class one'),
        'does not match its version',
      ],
    ];
    await publish(worker, birds);
    await answersWith(birds);
    await rollback(worker);
    await answersWith(flowers);
    for (const [file, fault, reason] of faults) {
      const whole = await tamper(worker, birds, file, fault);
      await rollback(worker, birds.manifest.version);
      expect(await refusal(birds)).toContain(reason);
      expect(await answering()).toBe('flowers');
      await rollback(worker);
      await vi.waitUntil(async () => (await list()).refused === undefined, POLLING);
      await tamper(worker, birds, file, () => whole);
    }
  });

  it('with the weights of another network is refused', async () => {
    const misfit = await altered(birds, 'misfit', (tensors) => tensors.delete('linear/kernel'));
    await publishUnchecked(worker, misfit);
    expect(await refusal(misfit)).toContain('no tensor linear/kernel');
    await misfit.remove();
  });

  it('that outputs no probabilities for the warm-up image is refused', async () => {
    // In full precision alone, where values may overflow.
    const { manifest, tensors } = await readPackage(trees.dir);
    const float = await tensors('f32');
    float.get('linear/kernel')!.data.fill(3e38);
    const broken = await testPackage({ name: 'broken', inputSize: 64, float: false });
    const { network, preprocessing, labels, lineage } = manifest;
    const sealed = await writePackage(broken.dir, {
      manifest: { name: 'broken', network, preprocessing, labels, lineage },
      weights: { f32: writeSafetensors(float) },
    });
    await publishUnchecked(worker, { ...broken, manifest: sealed });
    expect(await refusal({ ...broken, manifest: sealed })).toMatch(/^The warm-up image scored NaN/);
    expect(await answering()).toBe('flowers');
    await broken.remove();
  });

  it('with NaN as weights is refused by the publisher and by the Worker', async () => {
    const broken = await altered(birds, 'broken', (tensors) => {
      tensors.get('linear/scale')!.data.fill(Number.NaN);
    });
    const published = publish(worker, broken);
    await expect(published).rejects.toMatchObject({ code: 'invalid_package' });
    await publishUnchecked(worker, broken);
    expect(await refusal(broken)).toContain('linear, output channel 0: its accumulator');
    await broken.remove();
  });

  it('that is too large for an isolate is refused by both, and the Worker keeps the previous one', async () => {
    // Weights fit any input size.
    const { manifest, bytes } = await readPackage(birds.dir);
    const { format: _, version: __, files: ___, ...draft } = manifest;
    const copy = await testPackage({ name: 'large', inputSize: 64, float: false });
    const sealed = await writePackage(copy.dir, {
      manifest: {
        ...draft,
        name: 'large',
        network: { ...manifest.network, inputSize: 1024 },
        preprocessing: testPreprocessing(1024),
      },
      weights: { int8: await bytes('int8') },
    });
    const large = { ...copy, manifest: sealed };
    await expect(publish(worker, large)).rejects.toMatchObject({
      code: 'model_too_large',
      message: expect.stringMatching(/takes 72\.\d MB; an isolate of the edge has 14\.0 MB/),
    });
    await publishUnchecked(worker, large);
    expect(await refusal(large)).toMatch(/takes 72\.\d MB; an isolate .* has 14\.0 MB/);
    expect((await list()).refused).toMatchObject({ code: 'model_too_large' });
    expect(await answering()).toBe('flowers');
    await rollback(worker);
    await vi.waitUntil(async () => (await list()).refused === undefined, POLLING);
    await publish(worker, birds);
    await answersWith(birds);
    await large.remove();
  });

  it('makes a new isolate fall back to the previous one, then to the built-in one', async () => {
    await publish(worker, birds);
    await tamper(worker, birds, PACKAGE_FILES.int8, spoil);
    await anew();
    expect(await answering()).toBe('flowers');
    expect((await list()).refused).toMatchObject({ name: 'birds' });

    await tamper(worker, flowers, PACKAGE_FILES.manifest, () => null);
    await anew();
    expect(await answering()).toBe('built-in');
    expect((await worker.fetch('/readyz')).status).toBe(200);
  });

  it('fails requests only in an isolate that has no other model', async () => {
    await worker.close();
    worker = await startWorker();
    await publish(worker, birds);
    await tamper(worker, birds, PACKAGE_FILES.int8, spoil);
    const response = await post();
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      error: { code: 'model_unavailable', message: expect.stringContaining('sha256') },
    });
    expect((await worker.account()).parts.int8).toBe(0);
  });
});

describe('a malformed registry', () => {
  it('does not affect a model that is served', async () => {
    await publish(worker, flowers);
    expect(await answering()).toBe('flowers');
    const registry = await worker.miniflare.getKVNamespace('REGISTRY');
    await registry.put('current', '{"current":{"name":"birds"}}');
    expect(await answering()).toBe('flowers');
  });

  it('fails requests if no model is loaded yet', async () => {
    const registry = await worker.miniflare.getKVNamespace('REGISTRY');
    await registry.put('current', '{"current":{"name":"birds"}}');
    const { error } = (await (await post()).json()) as { error: { code: string; message: string } };
    expect(error).toMatchObject({ code: 'model_unavailable' });
    expect(error.message).toContain('pointer');
  });
});

describe('float32 weights with a wrong checksum', () => {
  it('are never used; their memory is freed, and int8 keeps answering', async () => {
    await publish(worker, trees);
    await tamper(worker, trees, PACKAGE_FILES.f32, spoil);
    const response = await post('?top=3&engine=tfjs');
    expect(response.status).toBe(503);
    expect(JSON.stringify(await response.json())).toContain('sha256');
    expect((await worker.account()).parts.decoding).toBe(0);
    expect(await answering()).toBe('trees');
    await publish(worker, trees);
    expect((await post('?top=3&engine=tfjs')).status).toBe(200);
  });
});

/** A package like another one, with other int8 tensors. */
async function altered(
  model: TestPackage,
  name: string,
  change: (tensors: Map<string, Tensor>) => void,
): Promise<TestPackage> {
  const { manifest, tensors } = await readPackage(model.dir);
  const int8 = new Map(await tensors('int8'));
  change(int8);
  const { network, preprocessing, labels, quantization, lineage } = manifest;
  const copy = await testPackage({ name, inputSize: 64, float: false });
  const content = { name, network, preprocessing, labels, quantization: quantization!, lineage };
  const sealed = await writePackage(copy.dir, {
    manifest: content,
    weights: { int8: writeSafetensors(int8) },
  });
  return { ...copy, manifest: sealed };
}
