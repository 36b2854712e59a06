import { HebbError } from '@hebb/model';
import { createTestExecutor } from '@hebb/test/batching/executor';
import { createTestClock } from '@hebb/test/batching/fake-clock';
import { describe, expect, it } from 'vitest';
import { type BatcherOptions, createBatcher, type Submission } from './batcher.ts';
import { createComputeEstimate } from './estimate.ts';
import { fixedDelay } from './policy.ts';
import { BULK_HANDICAP_MS } from './queue.ts';

/** Images are single bytes here, and their outputs are the same bytes. */
function setUp(options: Partial<BatcherOptions> & { delay?: number } = {}) {
  const { delay = 0, maxBatchSize = 4, ...rest } = options;
  const clock = createTestClock();
  const executor = createTestExecutor(clock);
  const estimate = createComputeEstimate();
  const policy = fixedDelay(delay, maxBatchSize);
  const reports: { images: number; size: number; queueMs: readonly number[] }[] = [];
  const batcher = createBatcher({
    executor,
    clock,
    estimate,
    policy,
    maxBatchSize,
    maxQueueSize: 16,
    onBatch: (report) => reports.push(report),
    ...rest,
  });
  const submit = (image: number, more: Partial<Submission> = {}) =>
    batcher.submit({ dtype: 'uint8', images: 1, bytes: Uint8Array.of(image), ...more });
  /** The answer as the images it is about, or the code of the error. */
  const outcome = (answer: ReturnType<typeof submit>) =>
    answer.then(
      ({ outputs }) => [...outputs.probabilities],
      (error: unknown) => (error instanceof HebbError ? error.code : String(error)),
    );
  return { clock, executor, batcher, submit, outcome, reports };
}

describe('joining', () => {
  it('runs a request at once if the executor is idle; later ones share the next batch', async () => {
    const { clock, executor, submit, outcome, reports } = setUp();
    const answers = [1, 2, 3].map((image) => outcome(submit(image)));
    await clock.advance(100);
    expect(executor.batches.map(({ bytes }) => bytes)).toEqual([[1], [2, 3]]);
    expect(await Promise.all(answers)).toEqual([[1], [2], [3]]);
    expect(reports.map(({ queueMs }) => queueMs)).toEqual([[0], [11, 11]]);
  });

  it('waits for the delay, or for a full batch', async () => {
    const { clock, executor, submit, outcome } = setUp({ delay: 50 });
    const first = [1, 2].map((image) => outcome(submit(image)));
    await clock.advance(49);
    expect(executor.batches).toEqual([]);
    await clock.advance(1);
    expect(executor.batches.map(({ bytes }) => bytes)).toEqual([[1, 2]]);
    await clock.advance(100);
    const full = [3, 4, 5, 6].map((image) => outcome(submit(image)));
    await clock.advance(0);
    expect(executor.batches.at(-1)!.bytes).toEqual([3, 4, 5, 6]);
    await clock.advance(100);
    expect(await Promise.all([...first, ...full])).toEqual([[1], [2], [3], [4], [5], [6]]);
  });

  it('pads to an allowed size', async () => {
    const { clock, executor, submit, outcome, reports } = setUp({ delay: 5, batchSizes: [1, 4] });
    const answers = [1, 2].map((image) => outcome(submit(image)));
    await clock.advance(100);
    expect(executor.batches).toEqual([{ images: 2, size: 4, bytes: [1, 2] }]);
    expect(await Promise.all(answers)).toEqual([[1], [2]]);
    expect(reports).toMatchObject([{ images: 2, size: 4 }]);
  });

  it('keeps the images of a request together, and their order', async () => {
    const { clock, executor, submit, outcome } = setUp({ delay: 5 });
    const three = { images: 3, bytes: Uint8Array.of(1, 2, 3) };
    const answers = [
      outcome(submit(0, three)),
      outcome(submit(0, { images: 2, bytes: Uint8Array.of(4, 5) })),
      outcome(submit(6)),
    ];
    await clock.advance(100);
    expect(executor.batches.map(({ bytes }) => bytes)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(await Promise.all(answers)).toEqual([[1, 2, 3], [4, 5], [6]]);
  });

  it('does not mix pixels with normalised images', async () => {
    const { clock, executor, submit, outcome } = setUp({ delay: 5 });
    const answers = [
      outcome(submit(1)),
      outcome(submit(2, { dtype: 'float32' })),
      outcome(submit(3)),
    ];
    await clock.advance(100);
    expect(executor.batches.map(({ bytes }) => bytes)).toEqual([[1, 3], [2]]);
    await Promise.all(answers);
  });
});

describe('priorities', () => {
  it('put interactive requests before bulk work', async () => {
    const { clock, executor, submit, outcome } = setUp({ maxBatchSize: 1 });
    const bulk = { priority: 2 } as const;
    const answers = [submit(1), submit(2, bulk), submit(3, bulk), submit(4)].map(outcome);
    await clock.advance(100);
    expect(executor.batches.map(({ bytes }) => bytes[0])).toEqual([1, 4, 2, 3]);
    await Promise.all(answers);
  });

  it('do not starve bulk work', async () => {
    const { clock, executor, submit, outcome } = setUp({ maxBatchSize: 1 });
    const answers = [outcome(submit(1)), outcome(submit(99, { priority: 2 }))];
    // 11 ms each: urgent work that always is one ahead.
    for (let i = 0; i * 11 < 2 * BULK_HANDICAP_MS; i++) {
      answers.push(outcome(submit(2)));
      await clock.advance(11);
    }
    const turn = executor.batches.findIndex(({ bytes }) => bytes[0] === 99);
    expect(turn).toBeGreaterThan(1);
    expect(turn * 11).toBeLessThan(BULK_HANDICAP_MS + 50);
    await clock.advance(100);
    await Promise.all(answers);
  });
});

describe('the limit of the queue', () => {
  it('refuses requests with Retry-After while it is full, and accepts them again afterwards', async () => {
    const { clock, batcher, submit, outcome } = setUp({ maxQueueSize: 8 });
    const answers = Array.from({ length: 9 }, (_, i) => outcome(submit(i))); // one runs, 8 wait
    expect(batcher.depth()).toBe(8);
    expect(await outcome(submit(9))).toBe('overloaded');
    await clock.advance(11); // the first is done, four more run
    expect(batcher.depth()).toBe(4);
    answers.push(outcome(submit(9)));
    await clock.advance(1000);
    expect((await Promise.all(answers)).flat()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(batcher.retryAfterSeconds()).toBe(1);
  });

  it('estimates the time until the queue is processed', async () => {
    const { clock, batcher, submit, outcome } = setUp({ maxQueueSize: 2000, maxBatchSize: 1 });
    const answers = Array.from({ length: 1001 }, () => outcome(submit(1)));
    await clock.advance(0);
    await clock.advance(11);
    // 999 batches of 11 ms.
    expect(batcher.retryAfterSeconds()).toBe(11);
    await clock.advance(20_000);
    await Promise.all(answers);
  });
});

describe('leaving the queue', () => {
  it('at the deadline, or when it has passed on arrival', async () => {
    const { clock, executor, submit, outcome } = setUp({ maxBatchSize: 1 });
    const answers = [
      outcome(submit(1)), // 11 ms
      outcome(submit(2, { deadline: 5 })),
      outcome(submit(3, { deadline: 0 })),
    ];
    await clock.advance(100);
    expect(await Promise.all(answers)).toEqual([[1], 'deadline_exceeded', 'deadline_exceeded']);
    expect(executor.batches.map(({ bytes }) => bytes)).toEqual([[1]]);
  });

  it('when the request is cancelled, also while it is being computed', async () => {
    const { clock, executor, submit, outcome } = setUp({ maxBatchSize: 1 });
    const gone = [new AbortController(), new AbortController()];
    const answers = gone.map(({ signal }, i) => outcome(submit(i + 1, { signal })));
    const late = outcome(submit(3, { signal: AbortSignal.abort('left before it came') }));
    await clock.advance(5);
    for (const controller of gone) controller.abort('left');
    expect(await Promise.all(answers)).toEqual(['left', 'left']);
    expect(await late).toBe('left before it came');
    await clock.advance(100);
    expect(executor.batches.map(({ bytes }) => bytes)).toEqual([[1]]);
  });

  it('is avoided when a shorter delay can still meet the deadline', async () => {
    const { clock, executor, batcher, submit, outcome } = setUp({ delay: 1000 });
    const warm = outcome(submit(0));
    await clock.advance(1100); // a batch of one takes 11 ms, as is known from here on
    const answer = outcome(submit(1, { deadline: 1100 + 200 }));
    await clock.advance(150);
    expect(batcher.depth()).toBe(1);
    await clock.advance(50);
    expect(await Promise.all([warm, answer])).toEqual([[0], [1]]);
    expect(executor.batches.length).toBe(2);
  });

  it('happens without delay during shutdown', async () => {
    const { clock, executor, batcher, submit, outcome } = setUp({ delay: 1000 });
    const answer = outcome(submit(1));
    await clock.advance(10);
    batcher.hurry();
    await clock.advance(11);
    expect(await answer).toEqual([1]);
    const next = outcome(submit(2));
    await clock.advance(0);
    expect(executor.batches.length).toBe(2);
    await clock.advance(11);
    expect(await next).toEqual([2]);
  });
});

describe('failures', () => {
  it('a failed batch rejects its requests, and no others', async () => {
    const { clock, executor, submit, outcome } = setUp({ delay: 5, maxBatchSize: 2 });
    executor.failNext(new HebbError('host_restarted', 'gone'));
    const answers = [1, 2, 3].map((image) => outcome(submit(image)));
    await clock.advance(100);
    expect(await Promise.all(answers)).toEqual(['host_restarted', 'host_restarted', [3]]);
  });

  it('an outage rejects queued and new requests until it is over', async () => {
    const { clock, executor, submit, outcome } = setUp();
    const [running, waiting] = [outcome(submit(1)), outcome(submit(2))];
    await clock.advance(0);
    executor.down(new HebbError('model_unavailable', 'down'));
    expect(await waiting).toBe('model_unavailable');
    expect(await outcome(submit(3))).toBe('model_unavailable');
    await clock.advance(11);
    expect(await running).toEqual([1]);
    executor.up();
    const next = outcome(submit(4));
    await clock.advance(100);
    expect(await next).toEqual([4]);
  });
});
