import { beforeEach, describe, expect, it, vi } from 'vitest';
import { hedged } from './hedge.ts';

/** Attempts that end when the test says so. */
let attempts: { resolve(value: string): void; reject(error: Error): void; signal: AbortSignal }[];
const caller = () => new AbortController();

beforeEach(() => {
  attempts = [];
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

function run({ retry = true, signal = caller().signal } = {}) {
  const attempt = (signal: AbortSignal) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    attempts.push({ resolve, reject, signal });
    return promise;
  };
  const options = { signal, secondAfterMs: 100, retryAfterMs: () => (retry ? 10 : undefined) };
  const result = hedged(attempt, options);
  result.catch(() => {});
  return result;
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('a hedged request', () => {
  it('makes one attempt when the answer comes in time', async () => {
    const result = run();
    await pass(99);
    attempts[0]!.resolve('first');
    expect(await result).toBe('first');
    await pass(1_000);
    expect(attempts).toHaveLength(1);
  });

  it('makes a second attempt beside a slow one, takes the faster one, and aborts the other', async () => {
    const result = run();
    await pass(100);
    expect(attempts).toHaveLength(2);
    attempts[1]!.resolve('second');
    expect(await result).toBe('second');
    expect(attempts[0]!.signal.aborted).toBe(true);
    await pass(1_000);
    expect(attempts).toHaveLength(2);
  });

  it('makes a second attempt after a failure, and then gives up', async () => {
    const result = run();
    attempts[0]!.reject(new Error('one'));
    await pass(9);
    expect(attempts).toHaveLength(1);
    await pass(1);
    attempts[1]!.reject(new Error('two'));
    await expect(result).rejects.toThrow('two');
    await pass(1_000);
    expect(attempts).toHaveLength(2);
  });

  it('waits for the other attempt when one of two fails', async () => {
    const result = run();
    await pass(100);
    attempts[1]!.reject(new Error('two'));
    await pass(50);
    attempts[0]!.resolve('first, late');
    expect(await result).toBe('first, late');
  });

  it('makes no second attempt after a final failure', async () => {
    const result = run({ retry: false });
    attempts[0]!.reject(new Error('final'));
    await expect(result).rejects.toThrow('final');
    await pass(1_000);
    expect(attempts).toHaveLength(1);
  });

  it('aborts both attempts with the caller', async () => {
    const controller = caller();
    const result = run({ signal: controller.signal });
    await pass(100);
    controller.abort(new Error('gone'));
    await expect(result).rejects.toThrow('gone');
    expect(attempts.map(({ signal }) => signal.aborted)).toEqual([true, true]);
  });
});
