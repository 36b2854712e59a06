import { describe, expect, it, vi } from 'vitest';
import { MemoryBudget, type Need } from './memory-budget.ts';

const OPTIONS = { name: 'tests', capacityBytes: 100, maxWaiting: 3, maxWaitMs: 10_000 };

/** Work that holds its memory until `finish` is called. */
function holding(budget: MemoryBudget, need: number | Need, signal?: AbortSignal) {
  const { promise: end, resolve, reject } = Promise.withResolvers<void>();
  const state = { running: false };
  const work = budget.use(
    need,
    async () => {
      state.running = true;
      await end;
    },
    signal,
  );
  work.catch(() => {}); // tests check it where it matters
  return { state, work, finish: resolve, fail: reject };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

describe('MemoryBudget', () => {
  it('runs what fits, and the rest as memory is freed', async () => {
    const budget = new MemoryBudget(OPTIONS);
    const [a, b, c] = [60, 40, 50].map((bytes) => holding(budget, bytes));
    await settled();
    expect([a!.state.running, b!.state.running, c!.state.running]).toEqual([true, true, false]);
    expect(budget.usedBytes).toBe(100);
    expect(budget.waiting).toBe(1);
    a!.finish();
    await a!.work;
    await settled();
    expect(c!.state.running).toBe(true);
    expect(budget.usedBytes).toBe(90);
  });

  it('a waiting large request does not block a small one that fits', async () => {
    const budget = new MemoryBudget(OPTIONS);
    const first = holding(budget, 80);
    const large = holding(budget, 50);
    const small = holding(budget, 10);
    await settled();
    expect([large.state.running, small.state.running]).toEqual([false, true]);
    first.finish();
    await settled();
    expect(large.state.running).toBe(true);
  });

  it('a request that fits overtakes a large one in the queue', async () => {
    const budget = new MemoryBudget(OPTIONS);
    const first = [holding(budget, 60), holding(budget, 30)];
    const large = holding(budget, 90);
    const small = holding(budget, 20);
    await settled();
    expect([large.state.running, small.state.running]).toEqual([false, false]);
    first[1]!.finish();
    await settled();
    expect([large.state.running, small.state.running]).toEqual([false, true]);
  });

  it('a large request is not starved: after a quarter of the longest wait it is next', async () => {
    vi.useFakeTimers();
    try {
      const budget = new MemoryBudget({ ...OPTIONS, maxWaiting: 10 });
      const first = holding(budget, 60);
      const large = holding(budget, 90);
      await vi.advanceTimersByTimeAsync(OPTIONS.maxWaitMs / 4);
      const small = holding(budget, 10);
      await vi.advanceTimersByTimeAsync(0);
      expect([large.state.running, small.state.running]).toEqual([false, false]);
      first.finish();
      await vi.advanceTimersByTimeAsync(0);
      expect([large.state.running, small.state.running]).toEqual([true, true]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('frees the memory when the work fails', async () => {
    const budget = new MemoryBudget(OPTIONS);
    const work = holding(budget, 100);
    work.fail(new Error('broken'));
    await expect(work.work).rejects.toThrow('broken');
    expect(budget.usedBytes).toBe(0);
  });

  it('rejects requests when the queue is full', async () => {
    const budget = new MemoryBudget(OPTIONS);
    for (let i = 0; i < 4; i++) holding(budget, 100);
    const fifth = holding(budget, 1);
    await expect(fifth.work).rejects.toMatchObject({ code: 'overloaded', status: 503 });
    expect(budget.waiting).toBe(3);
  });

  it('rejects requests that have waited too long', async () => {
    const budget = new MemoryBudget({ ...OPTIONS, maxWaitMs: 10 });
    holding(budget, 100);
    await expect(holding(budget, 1).work).rejects.toMatchObject({ code: 'overloaded' });
    expect(budget.waiting).toBe(0);
  });

  it('removes a cancelled request from the queue, and admits those behind it', async () => {
    const budget = new MemoryBudget(OPTIONS);
    const client = new AbortController();
    holding(budget, 60);
    const large = holding(budget, 50, client.signal);
    const small = holding(budget, 40);
    await settled();
    client.abort(new Error('gone'));
    await expect(large.work).rejects.toThrow('gone');
    await settled();
    expect(large.state.running).toBe(false);
    expect(small.state.running).toBe(true);
    expect(budget.waiting).toBe(0);
  });

  it('does not start the work of an aborted request', async () => {
    const budget = new MemoryBudget(OPTIONS);
    await expect(holding(budget, 1, AbortSignal.abort(new Error('gone'))).work).rejects.toThrow();
    expect(budget.usedBytes).toBe(0);
  });

  it('never exceeds its capacity', async () => {
    let most = 0;
    const budget: MemoryBudget = new MemoryBudget({
      ...OPTIONS,
      maxWaiting: 1000,
      onChange: () => {
        most = Math.max(most, budget.usedBytes);
      },
    });
    const work = Array.from({ length: 300 }, (_, i) =>
      budget.use((i * 37) % 101, () => new Promise((resolve) => setTimeout(resolve, i % 3))),
    );
    await Promise.all(work);
    expect(most).toBeLessThanOrEqual(100);
    expect(most).toBeGreaterThan(90);
    expect(budget.usedBytes).toBe(0);
  });
});

describe('evictable memory', () => {
  it('stays while other requests fit', async () => {
    const budget = new MemoryBudget(OPTIONS);
    let evicted = 0;
    (await budget.reserve(60)).holdUntilNeeded(() => evicted++);
    await budget.use(40, async () => {});
    expect(evicted).toBe(0);
    expect(budget.usedBytes).toBe(60);
  });

  it('is evicted when its space is needed, and only then', async () => {
    const budget = new MemoryBudget(OPTIONS);
    let evicted = 0;
    (await budget.reserve(60)).holdUntilNeeded(() => evicted++);
    const other = holding(budget, 50);
    await settled();
    expect(other.state.running).toBe(true);
    expect(evicted).toBe(1);
    expect(budget.usedBytes).toBe(50);
  });

  it('is not evicted if that does not suffice', async () => {
    const budget = new MemoryBudget(OPTIONS);
    let evicted = 0;
    (await budget.reserve(30)).holdUntilNeeded(() => evicted++);
    holding(budget, 50);
    holding(budget, 60); // does not fit beside the 50, with or without the 30
    await settled();
    expect(evicted).toBe(0);
  });

  it('is evicted for a request that waited while it was in use', async () => {
    const budget = new MemoryBudget(OPTIONS);
    const place = await budget.reserve(60);
    const other = holding(budget, 50);
    await settled();
    expect(other.state.running).toBe(false);
    place.holdUntilNeeded(() => {});
    await settled();
    expect(other.state.running).toBe(true);
    place.release(); // idempotent
    expect(budget.usedBytes).toBe(50);
  });
});

describe('shared memory', () => {
  /** Memory that grows with its users, like the decoding arena. */
  function sharedMemory() {
    const memory = { bytes: 0, drops: 0 };
    const shared = {
      memoryBytes: () => memory.bytes,
      drop: () => {
        memory.bytes = 0;
        memory.drops++;
      },
    };
    return { memory, budget: new MemoryBudget({ ...OPTIONS, shared }) };
  }

  it('is counted once, by the need of its largest user', async () => {
    const { budget } = sharedMemory();
    const work = [20, 50, 10].map((sharedBytes) => holding(budget, { bytes: 10, sharedBytes }));
    await settled();
    expect(work.map(({ state }) => state.running)).toEqual([true, true, true]);
    expect([budget.usedBytes, budget.sharedBytes]).toEqual([30, 50]);
  });

  it('stays as large as it has grown, and is used again', async () => {
    const { memory, budget } = sharedMemory();
    const grow = async () => {
      memory.bytes = 55;
    };
    await budget.use({ bytes: 10, sharedBytes: 60 }, grow);
    expect([budget.usedBytes, budget.sharedBytes]).toEqual([0, 55]);
    await budget.use({ bytes: 40, sharedBytes: 60 }, grow);
    await budget.use(45, async () => {});
    expect(memory.drops).toBe(0);
  });

  it('is dropped before evictable memory when the space is needed', async () => {
    const { memory, budget } = sharedMemory();
    let evicted = 0;
    (await budget.reserve(30)).holdUntilNeeded(() => evicted++);
    await budget.use({ bytes: 0, sharedBytes: 60 }, async () => {
      memory.bytes = 60;
    });
    const other = holding(budget, 60);
    await settled();
    expect(other.state.running).toBe(true);
    expect([memory.drops, evicted, budget.sharedBytes]).toEqual([1, 0, 0]);
  });

  it('is not dropped while it is in use: others wait', async () => {
    const { memory, budget } = sharedMemory();
    const user = holding(budget, { bytes: 0, sharedBytes: 60 });
    const other = holding(budget, 50);
    await settled();
    expect([user.state.running, other.state.running]).toEqual([true, false]);
    user.finish();
    await settled();
    expect(other.state.running).toBe(true);
    expect([memory.drops, budget.sharedBytes]).toEqual([0, 0]); // it never grew
  });

  it('evicts other memory when a user needs it larger', async () => {
    const { budget } = sharedMemory();
    let evicted = 0;
    (await budget.reserve(45)).holdUntilNeeded(() => evicted++);
    await budget.use({ bytes: 5, sharedBytes: 50 }, async () => {});
    expect(evicted).toBe(0);
    await budget.use({ bytes: 5, sharedBytes: 51 }, async () => {});
    expect(evicted).toBe(1);
  });
});
