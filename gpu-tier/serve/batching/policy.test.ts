import { createTestExecutor, type ExecutorCost } from '@hebb/test/batching/executor';
import { createTestClock } from '@hebb/test/batching/fake-clock';
import { describe, expect, it } from 'vitest';
import { createBatcher } from './batcher.ts';
import { createComputeEstimate } from './estimate.ts';
import { autoDelay, type DelayPolicy, fixedDelay } from './policy.ts';

describe('the estimate of a batch', () => {
  it('is zero at first, then proportional, then fixed plus per image', () => {
    const estimate = createComputeEstimate();
    expect(estimate.expect(8)).toBe(0);
    estimate.observe(8, 80);
    expect(estimate.expect(1)).toBeCloseTo(10);
    for (let i = 0; i < 20; i++) {
      for (const n of [1, 8, 32]) estimate.observe(n, 20 + 5 * n);
    }
    expect(estimate.expect(1)).toBeCloseTo(25, 0);
    expect(estimate.expect(16)).toBeCloseTo(100, 0);
  });

  it('follows a machine that becomes slower', () => {
    const estimate = createComputeEstimate();
    for (let i = 0; i < 50; i++) for (const n of [1, 16]) estimate.observe(n, 10 * n);
    for (let i = 0; i < 100; i++) for (const n of [1, 16]) estimate.observe(n, 30 * n);
    expect(estimate.expect(8)).toBeGreaterThan(220);
  });

  it('is never negative for smaller batches than observed', () => {
    const estimate = createComputeEstimate();
    for (const [n, ms] of [
      [30, 100],
      [32, 900],
    ] as const)
      estimate.observe(n, ms);
    expect(estimate.expect(1)).toBeGreaterThanOrEqual(0);
  });
});

interface World extends ExecutorCost {
  /** Clients that send the next request as soon as they have their answer. */
  readonly clients?: number;
  /** Or requests at a constant interval, ms. */
  readonly everyMs?: number;
  readonly forMs: number;
}

/** Simulates one replica on a fake clock; returns images per second and latencies, ms. */
async function simulate(
  make: (estimate: ReturnType<typeof createComputeEstimate>) => DelayPolicy,
  world: World,
) {
  const clock = createTestClock();
  const executor = createTestExecutor(clock, world);
  const estimate = createComputeEstimate();
  const policy = make(estimate);
  const batcher = createBatcher({
    executor,
    clock,
    policy,
    estimate,
    maxBatchSize: 32,
    maxQueueSize: 10_000,
  });
  const latencies: number[] = [];
  const ask = async () => {
    const at = clock.now();
    await batcher.submit({ dtype: 'uint8', images: 1, bytes: Uint8Array.of(1) });
    latencies.push(clock.now() - at);
  };
  const ended = () => clock.now() >= world.forMs;
  const client = async () => {
    while (!ended()) await ask();
  };
  const asked: Promise<void>[] = Array.from({ length: world.clients ?? 0 }, client);
  for (let at = 0; at < world.forMs; at += world.everyMs ?? 10) {
    if (world.everyMs) asked.push(ask());
    await clock.advance(world.everyMs ?? 10);
  }
  await clock.advance(10_000);
  await Promise.all(asked);
  const sorted = latencies.toSorted((a, b) => a - b);
  return {
    perSecond: (1000 * latencies.length) / world.forMs,
    worst: sorted.at(-1)!,
    typical: sorted[Math.floor(sorted.length / 2)]!,
    batchSize: latencies.length / executor.batches.length,
  };
}

const auto =
  (targetMs: number, batchSizes?: readonly number[]) =>
  (estimate: ReturnType<typeof createComputeEstimate>) =>
    autoDelay({ targetMs, maxBatchSize: 32, replicas: 1, estimate, batchSizes });
const none = () => fixedDelay(0, 32);

describe('max_queue_delay auto', () => {
  it('does not delay while the replica is idle half of the time', async () => {
    const world = { everyMs: 50, msPerBatch: 10, msPerImage: 1, forMs: 3000 };
    expect(await simulate(auto(500), world)).toMatchObject({ typical: 11, worst: 11 });
  });

  it('hardly delays a single client, whose requests nothing can join', async () => {
    const world = { clients: 1, msPerBatch: 10, msPerImage: 1, forMs: 3000 };
    expect((await simulate(auto(500), world)).perSecond).toBeGreaterThan(
      0.95 * (await simulate(none, world)).perSecond,
    );
  });

  it('gathers 64 clients into full batches', async () => {
    const world = { clients: 64, msPerBatch: 10, msPerImage: 1, forMs: 3000 };
    const { perSecond, batchSize } = await simulate(auto(500), world);
    expect(batchSize).toBeGreaterThan(28);
    // Full batches one after the other: 32 images in 42 ms.
    expect(perSecond).toBeGreaterThan(0.9 * (32_000 / 42));
  });

  it('is never slower than no delay, with few clients or many', async () => {
    for (const clients of [2, 4, 8, 16, 32]) {
      const world = { clients, msPerBatch: 20, msPerImage: 1, forMs: 4000 };
      const [learned, eager] = [await simulate(auto(500), world), await simulate(none, world)];
      expect(learned.perSecond).toBeGreaterThan(0.95 * eager.perSecond);
    }
  });

  it('limits batches so that a request meets the target', async () => {
    // A batch of 32 would take 330 ms, and one has to be waited for.
    const world = { clients: 8, msPerBatch: 10, msPerImage: 10, forMs: 6000 };
    const { worst } = await simulate(auto(200), world);
    expect(worst).toBeLessThanOrEqual(200);
  });

  it('rounds down to an allowed size, so that no padding is computed', async () => {
    const estimate = createComputeEstimate();
    for (const n of [1, 32]) estimate.observe(n, 10 * n);
    const policy = auto(500, [1, 8, 24, 32])(estimate);
    expect(policy.limit()).toBe(24); // 25 would meet the target
  });
});
