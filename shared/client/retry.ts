/**
 * Retries of idempotent requests, with exponential backoff and jitter, and not before `Retry-After`.
 * @module
 */

import { HebbError } from '@hebb/model/errors';
import { deferred } from '@hebb/model/node20';
import { ServiceError } from './service-error.ts';

export interface RetryOptions {
  /** Number of attempts in all. */
  readonly attempts: number;
  /** The longest pause before a retry, ms. */
  readonly patienceMs: number;
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Random number from 0 to 1, for jitter. */
  readonly random: () => number;
}

const FIRST_PAUSE_MS = 500;

/** The result of `ask`, which is called again after errors that may pass. */
export async function withRetries<T>(
  ask: () => Promise<T>,
  { attempts, patienceMs, wait, random }: RetryOptions,
  signal?: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      const own = FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + random());
      const pause = pauseMs(error, own);
      if (pause === undefined || pause > patienceMs || attempt >= attempts) throw error;
      await wait(pause, signal);
    }
  }
}

/** Pause before a retry; undefined if a retry cannot help. @param own the pause without `Retry-After` */
function pauseMs(error: unknown, own: number): number | undefined {
  if (error instanceof ServiceError) {
    return error.retryAfterMs === undefined ? undefined : Math.max(error.retryAfterMs, own);
  }
  return error instanceof HebbError && error.code === 'edge_unreachable' ? own : undefined;
}

/** Throws the signal's reason if it is aborted in the meantime. */
export async function wait(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = deferred<void>();
  const aborted = () => reject(signal?.reason);
  const timer = setTimeout(resolve, ms);
  signal?.addEventListener('abort', aborted, { once: true });
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', aborted);
  }
}
