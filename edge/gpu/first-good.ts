export interface FirstGoodOptions {
  /** Ends both attempts. */
  readonly signal: AbortSignal;
  /** When the first has not ended by then, a second goes out beside it: ms. */
  readonly secondAfterMs: number;
  /** After a failure, how long to wait before the second; undefined when there is to be none. */
  readonly retryAfterMs: (error: unknown) => number | undefined;
}

/**
 * Runs an attempt, and one more beside it when it is slow, or after it when it fails; never more than
 * two. Gives the first good result, and ends the other attempt. Throws what failed last.
 */
export async function firstGood<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  { signal, secondAfterMs, retryAfterMs }: FirstGoodOptions,
): Promise<T> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const both = new AbortController();
  const gone = () => both.abort(signal.reason);
  signal.addEventListener('abort', gone);
  let started = 0;
  let running = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const start = () => {
    started++;
    running++;
    attempt(both.signal).then(resolve, (error: unknown) => {
      running--;
      if (signal.aborted || started === 2) {
        if (running === 0 || signal.aborted) reject(error);
        return;
      }
      clearTimeout(timer);
      const pause = retryAfterMs(error);
      if (pause === undefined) reject(error);
      else timer = setTimeout(start, pause);
    });
  };
  const ended = () => reject(signal.reason);
  signal.addEventListener('abort', ended);
  start();
  timer = setTimeout(start, secondAfterMs);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', gone);
    signal.removeEventListener('abort', ended);
    both.abort(new DOMException('Another attempt was quicker.', 'AbortError'));
  }
}
