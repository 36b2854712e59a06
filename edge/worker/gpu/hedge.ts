export interface HedgeOptions {
  /** Aborts both attempts. */
  readonly signal: AbortSignal;
  /** Delay before the second attempt if the first has not ended, ms. */
  readonly secondAfterMs: number;
  /** Delay of the second attempt after the first has failed; undefined for none. */
  readonly retryAfterMs: (error: unknown) => number | undefined;
}

/**
 * A hedged request: a second attempt runs in parallel when the first is slow, or after it when it fails.
 * Returns the first success and aborts the other attempt. Throws the last failure.
 */
export async function hedged<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  { signal, secondAfterMs, retryAfterMs }: HedgeOptions,
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
      clearTimeout(timer ?? null);
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
    clearTimeout(timer ?? null);
    signal.removeEventListener('abort', gone);
    signal.removeEventListener('abort', ended);
    both.abort(new DOMException('Another attempt was faster.', 'AbortError'));
  }
}
