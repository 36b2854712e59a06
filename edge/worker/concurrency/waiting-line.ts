/**
 * A queue of requests that wait for memory, with timeouts and cancellation.
 *
 * A request that fits overtakes those that do not fit yet, so a large request does not block small ones;
 * but only until the large one has waited a quarter of the longest wait. Then it is next, so that a
 * stream of small ones cannot starve it.
 * @module
 */

interface Waiter<Need> {
  readonly need: Need;
  readonly admit: () => void;
  /** May no longer be overtaken. */
  overdue: boolean;
}

export class WaitingLine<Need> {
  readonly #maxLength: number;
  readonly #maxWaitMs: number;
  readonly #refuse: (why: string) => Error;
  readonly #waiters: Waiter<Need>[] = [];

  /** @param refuse makes the error of a rejected waiter */
  constructor(maxLength: number, maxWaitMs: number, refuse: (why: string) => Error) {
    this.#maxLength = maxLength;
    this.#maxWaitMs = maxWaitMs;
    this.#refuse = refuse;
  }

  get length(): number {
    return this.#waiters.length;
  }

  /** Whether a new request that fits may overtake the queue. */
  get mayBeOvertaken(): boolean {
    return !this.#waiters.some(({ overdue }) => overdue);
  }

  /** Admits, in order, each waiter that `take` accepts, up to an overdue one that it does not accept. */
  admit(take: (need: Need) => boolean): void {
    for (let i = 0; i < this.#waiters.length; ) {
      const waiter = this.#waiters[i]!;
      if (take(waiter.need)) {
        this.#waiters.splice(i, 1);
        waiter.admit();
      } else if (waiter.overdue) {
        return;
      } else {
        i++;
      }
    }
  }

  /** Resolves when admitted. Rejects if the queue is full, the wait too long, or the signal aborted. */
  async join(need: Need, signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiters.length >= this.#maxLength) throw this.#refuse('the queue is full');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { need, admit: resolve, overdue: false };
    this.#waiters.push(waiter);
    const leave = (reason: unknown) => {
      const place = this.#waiters.indexOf(waiter);
      if (place >= 0) this.#waiters.splice(place, 1);
      reject(reason);
    };
    const timeout = () => leave(this.#refuse('the wait was too long'));
    const abort = () => leave(signal?.reason);
    const timer = setTimeout(timeout, this.#maxWaitMs);
    const patience = setTimeout(() => {
      waiter.overdue = true;
    }, this.#maxWaitMs / 4);
    signal?.addEventListener('abort', abort);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      clearTimeout(patience);
      signal?.removeEventListener('abort', abort);
    }
  }
}
