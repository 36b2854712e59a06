import { readFileSync } from 'node:fs';
import { difference, noise } from '@hebb/test/graph/compare';
import { metric } from '@hebb/test/support/metrics';
import { binaryAnswer, pixelRequest } from '@hebb/test/support/open-inference';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { floats, referenceFor } from '@hebb/test/support/served-package';
import { BACKEND, tierForTest } from '@hebb/test/support/tier';
import { afterAll, beforeAll, expect, it } from 'vitest';

const SIDE = 64;
const IMAGE = SIDE * SIDE * 3;
const INFER = '/v2/models/birds/infer';
const outputs = [{ name: 'probabilities', parameters: { binary_data: true } }];

let model: TestPackage;
beforeAll(async () => {
  model = await testPackage({ name: 'birds', inputSize: SIDE });
});
afterAll(() => model?.remove());

const start = (options: Partial<Parameters<typeof tierForTest>[0]> = {}) =>
  tierForTest({ models: [model.dir], ...options });

it('gives each of 64 clients its own answer from shared batches', async () => {
  // A batch begins when it is full: how many they make depends on no clock.
  const tier = await start({ maxBatchSize: 16, maxQueueDelay: 86_400_000 });
  const pixels = noise(64, SIDE);
  const { probabilities } = await referenceFor(model.dir, pixels);
  const rounds = 3;
  for (let round = 0; round < rounds; round++) {
    await Promise.all(
      Array.from({ length: 64 }, async (_, client) => {
        const own = pixels.subarray(client * IMAGE, (client + 1) * IMAGE);
        const expected = probabilities.subarray(client * 5, (client + 1) * 5);
        const response = await tier.fetch(INFER, pixelRequest(own, SIDE, { outputs }));
        const { bytes } = await binaryAnswer(response);
        expect(difference(floats(bytes), expected)).toBeLessThan(1e-4);
      }),
    );
  }
  const text = await (await tier.fetch('/metrics')).text();
  const [inferences, executions] = [
    metric(text, 'hebb_inference_count_total'),
    metric(text, 'hebb_execution_count_total'),
  ];
  expect(inferences).toBe(64 * rounds);
  expect(inferences / executions).toBe(16);
  expect(metric(text, 'hebb_queue_depth')).toBe(0);
});

it.runIf(BACKEND.addon)('computes with native TensorFlow in a child process', async () => {
  const tier = await start();
  const [replica] = tier.models.get('birds').replicas();
  expect(replica!.pid).not.toBe(process.pid);
  // What the process has in its address space (Linux).
  const maps = readFileSync(`/proc/${replica!.pid}/maps`, 'utf8');
  expect(maps).toContain('libtensorflow_framework.so.2');
  expect(maps).toContain(BACKEND.addon);
  // Bit for bit what the graph gives in this process, which plain tfjs ops do not.
  const { createRunner } = await import('@hebb/tensorflow/backend/create-runner');
  const { runner } = await createRunner({ dir: model.dir, backend: BACKEND, precision: 'f32' });
  const pixels = noise(1, SIDE);
  const wanted = [{ name: 'embedding', parameters: { binary_data: true } }];
  const request = pixelRequest(pixels, SIDE, { outputs: wanted });
  const { bytes } = await binaryAnswer(await tier.fetch(INFER, request));
  const expected = runner.run(pixels, 1).embedding;
  runner.dispose();
  expect(floats(bytes)).toEqual(expected);
  expect(floats(bytes)).not.toEqual((await referenceFor(model.dir, pixels)).embedding);
});

it('spreads batches over the replicas', async () => {
  const tier = await start({ replicas: [{}, {}], maxBatchSize: 1 });
  const request = pixelRequest(noise(1, SIDE), SIDE);
  await Promise.all(Array.from({ length: 12 }, () => tier.fetch(INFER, request)));
  const pids = tier.models
    .get('birds')
    .replicas()
    .map(({ pid }) => pid);
  expect(new Set(pids).size).toBe(2);
  const text = await (await tier.fetch('/metrics')).text();
  expect(text).toMatch(/hebb_host_memory_bytes\{model="birds",replica="1"\} \d{7,}/);
});

it('answers the batch of a killed host with 503, and all others from the next host', async () => {
  const tier = await start({ maxBatchSize: 4 });
  const pixels = noise(1, SIDE);
  const { probabilities } = await referenceFor(model.dir, pixels);
  const request = pixelRequest(pixels, SIDE, { outputs });
  const [{ pid } = { pid: undefined }] = tier.models.get('birds').replicas();
  const kinds = new Map<string, number>();
  let answered = 0;
  const client = async () => {
    for (let i = 0; i < 10; i++) {
      const response = await tier.fetch(INFER, request);
      if (++answered === 80) process.kill(pid!, 'SIGKILL');
      if (response.status === 200) {
        const { bytes } = await binaryAnswer(response);
        expect(difference(floats(bytes), probabilities)).toBeLessThan(1e-4);
      } else {
        expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0);
      }
      const kind = response.ok ? 'right' : ((await response.json()) as { code: string }).code;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: 16 }, client));
  const { right = 0, host_restarted = 0, ...others } = Object.fromEntries(kinds);
  expect(right + host_restarted).toBe(160);
  expect(host_restarted).toBeLessThanOrEqual(4); // the batch that was in the process
  expect(others).toEqual({});
  const [next] = tier.models.get('birds').replicas();
  expect(next!.pid).not.toBe(pid);
  expect(tier.logged).toContainEqual(
    expect.objectContaining({
      event: 'host_restart',
      reason: 'crash',
      details: "The model's process was ended by SIGKILL.",
    }),
  );
  const text = await (await tier.fetch('/metrics')).text();
  expect(text).toContain('hebb_host_restarts_total{model="birds",reason="crash"} 1');
});

it('is not ready while its host restarts, and ready afterwards', async () => {
  const tier = await start();
  const [{ pid } = { pid: undefined }] = tier.models.get('birds').replicas();
  process.kill(pid!, 'SIGKILL');
  const statuses = new Set<number>();
  while (![...statuses].join().endsWith('503,200')) {
    const { status } = await tier.fetch('/v2/health/ready');
    if (status === 503) statuses.delete(200);
    statuses.add(status);
  }
  expect((await tier.json(INFER, pixelRequest(noise(1, SIDE), SIDE))).status).toBe(200);
});

it('replaces a host that has grown between batches, and loses no request', async () => {
  // Below zero: every host counts as grown after its first batch.
  const tier = await start({ memoryGrowth: -1e12, maxBatchSize: 8 });
  const [{ pid } = { pid: undefined }] = tier.models.get('birds').replicas();
  const request = pixelRequest(noise(1, SIDE), SIDE);
  const answers = await Promise.all(Array.from({ length: 24 }, () => tier.fetch(INFER, request)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(tier.models.get('birds').replicas()[0]!.pid).not.toBe(pid);
  const restarts = tier.logged.filter(({ event }) => event === 'host_restart');
  expect(new Set(restarts.map(({ reason }) => reason))).toEqual(new Set(['memory']));
});
