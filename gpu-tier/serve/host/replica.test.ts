import { HebbError } from '@hebb/model';
import { createTestClock } from '@hebb/test/batching/fake-clock';
import { describe, expect, it } from 'vitest';
import type { HostProcess } from './process.ts';
import { backOff, createReplica } from './replica.ts';

// When what is started, on a clock of the test's own; gpu-tier/serve/host/process.test.ts has real processes.

const OUTPUTS = {
  probabilities: new Float32Array(1),
  logits: new Float32Array(1),
  embedding: new Float32Array(1),
};
const BATCH = { dtype: 'uint8', images: 1, size: 1, parts: [] } as const;

interface SetUp {
  readonly memoryGrowth?: number;
  readonly minimumLifeMs?: number;
  readonly failing?: HebbError;
}

function setUp(options: SetUp = {}) {
  const clock = createTestClock();
  const events: string[] = [];
  const starts: number[] = [];
  let failing = options.failing;
  let rss = 100;
  let crash = (_reason: string) => {};
  const start = async (): Promise<HostProcess> => {
    starts.push(clock.now());
    if (failing) throw failing;
    const ended = Promise.withResolvers<string>();
    let alive = true;
    crash = (reason) => {
      alive = false;
      ended.resolve(reason);
    };
    return {
      pid: starts.length,
      alive: () => alive,
      ready: { type: 'ready', batchSizes: null, warmUpMs: 1, timings: [], rss: 100 },
      ended: ended.promise,
      rss: () => rss,
      hung: () => false,
      run: async () => ({ outputs: OUTPUTS, computeMs: 1 }),
      close: () => crash('ended with code 0'),
    };
  };
  const replica = createReplica({
    start,
    clock,
    memoryGrowth: 50,
    minimumLifeMs: 0,
    ...options,
    on: {
      idle: () => events.push('idle'),
      restart: (reason) => events.push(`restart: ${reason}`),
      down: ({ code }) => events.push(`down: ${code}`),
    },
  });
  return {
    clock,
    events,
    starts,
    replica,
    crash: () => crash('was ended by SIGSEGV'),
    fail: (error: HebbError | undefined) => {
      failing = error;
    },
    grow: (bytes: number) => {
      rss += bytes;
    },
  };
}

describe('after a crash', () => {
  it('restarts with exponential back-off', () => {
    expect([0, 1, 2, 3, 9].map(backOff)).toEqual([0, 100, 200, 400, 10_000]);
  });

  it('waits 100, 200, 400 ms', async () => {
    const { clock, starts, crash, replica } = setUp();
    await replica.ready;
    for (const pause of [0, 100, 200, 400]) {
      const at = clock.now();
      crash();
      await clock.advance(pause);
      expect(starts.at(-1)).toBe(at + pause);
    }
  });

  it('restarts at once after a minute without a crash', async () => {
    const { clock, starts, crash, replica } = setUp();
    await replica.ready;
    crash();
    await clock.advance(0);
    crash();
    await clock.advance(100);
    await clock.advance(61_000);
    crash();
    await clock.advance(0);
    expect(starts.at(-1)).toBe(clock.now());
  });

  it('retries when the start fails, and reports it', async () => {
    const { clock, events, starts, crash, fail, replica } = setUp();
    await replica.ready;
    fail(new HebbError('invalid_package', 'broken meanwhile'));
    crash();
    await clock.advance(350);
    expect(starts.length).toBe(4); // the first, then at 0, 100 and 300 ms
    expect(events).toEqual([
      'idle',
      'restart: crash',
      'down: invalid_package',
      'down: invalid_package',
      'down: invalid_package',
    ]);
    expect(replica.pid()).toBeUndefined();
    await expect(replica.run(BATCH)).rejects.toMatchObject({ code: 'host_restarted' });
    fail(undefined);
    await clock.advance(400);
    expect(events.at(-1)).toBe('idle');
    expect(replica.pid()).toBe(5);
    await replica.close();
  });
});

describe('a host that grows', () => {
  it('is replaced after its batch, not before', async () => {
    const { clock, events, grow, replica } = setUp();
    await replica.ready;
    grow(40);
    await replica.run(BATCH);
    expect(replica.isIdle()).toBe(true);
    grow(20);
    expect(replica.isIdle()).toBe(true);
    await expect(replica.run(BATCH)).resolves.toMatchObject({ computeMs: 1 });
    expect(replica.isIdle()).toBe(false);
    await clock.advance(0);
    expect(events.filter((event) => event !== 'idle')).toEqual(['restart: memory']);
    expect(replica.pid()).toBe(2);
  });

  it('is not replaced repeatedly when the limit is too low', async () => {
    const { clock, starts, grow, replica } = setUp({ minimumLifeMs: 1000 });
    await replica.ready;
    grow(100);
    await replica.run(BATCH);
    expect(starts.length).toBe(1);
    await clock.advance(1000);
    await replica.run(BATCH);
    await clock.advance(0);
    expect(starts.length).toBe(2);
  });
});

it('rejects when the first start fails', async () => {
  const { events, starts, replica } = setUp({ failing: new HebbError('invalid_package', 'no') });
  await expect(replica.ready).rejects.toMatchObject({ code: 'invalid_package' });
  await replica.close();
  expect([events, starts]).toEqual([[], [0]]);
});

it('does not restart once it is closed', async () => {
  const { clock, starts, crash, replica } = setUp();
  await replica.ready;
  crash();
  await clock.advance(0);
  crash();
  await clock.advance(50); // it would start again at 100
  await replica.close();
  await clock.advance(1000);
  expect(starts.length).toBe(2);
  expect(replica.isIdle()).toBe(false);
});
