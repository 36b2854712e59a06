/**
 * A queue of requests that wait for memory. Leaving it early is as common as being admitted:
 * clients go away, and waits have an end.
 * @module
 */

interface Waiter<Need> {
  readonly need: Need;
  readonly admit: () => void;
}

export class WaitingLine<Need> {
  readonly #maxLength: number;
  readonly #maxWaitMs: number;
  readonly #refuse: (why: string) => Error;
  readonly #waiters: Waiter<Need>[] = [];

  /** @param refuse makes the error of a waiter who is sent away */
  constructor(maxLength: number, maxWaitMs: number, refuse: (why: string) => Error) {
    this.#maxLength = maxLength;
    this.#maxWaitMs = maxWaitMs;
    this.#refuse = refuse;
  }

  get length(): number {
    return this.#waiters.length;
  }

  /** What the first in the line waits for. */
  get first(): Need | undefined {
    return this.#waiters[0]?.need;
  }

  admitFirst(): void {
    this.#waiters.shift()?.admit();
  }

  /** Resolves when admitted. Rejects when the line is full, the wait too long, the signal aborted. */
  async join(need: Need, signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiters.length >= this.#maxLength) throw this.#refuse('the waiting line is full');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { need, admit: resolve };
    this.#waiters.push(waiter);
    const leave = (reason: unknown) => {
      const place = this.#waiters.indexOf(waiter);
      if (place >= 0) this.#waiters.splice(place, 1);
      reject(reason);
    };
    const timeout = () => leave(this.#refuse('its turn did not come in time'));
    const abort = () => leave(signal?.reason);
    const timer = setTimeout(timeout, this.#maxWaitMs);
    signal?.addEventListener('abort', abort);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }
}
