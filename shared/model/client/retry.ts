/**
 * Asking again: only what changes nothing when it is asked twice, a few times, and no sooner than the
 * service wants.
 * @module
 */
import { HebbError } from '../errors.ts';
import { ServiceError } from './service-error.ts';

export interface RetryOptions {
  /** How often a request is sent in all, 1 for once. */
  readonly attempts: number;
  /** The longest `Retry-After` that is waited for, ms. */
  readonly patienceMs: number;
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** 0 to 1, so that clients do not come in step. */
  readonly random: () => number;
}

const FIRST_PAUSE_MS = 500;

/** What `ask` gives; asks again as long as that may help. */
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

/** When to ask again; undefined when that cannot help. @param own the pause where nothing is said */
function pauseMs(error: unknown, own: number): number | undefined {
  if (error instanceof ServiceError) {
    return error.retryAfterMs === undefined ? undefined : Math.max(error.retryAfterMs, own);
  }
  return error instanceof HebbError && error.code === 'edge_unreachable' ? own : undefined;
}

/** Throws the signal's reason when it is aborted meanwhile. */
export async function wait(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
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
