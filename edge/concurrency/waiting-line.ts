/**
 * A queue of requests that wait for memory. Leaving it early is as common as being admitted:
 * clients go away, and waits have an end.
 *
 * What fits passes what does not fit yet, so a large request holds up no small ones; but only until
 * the large one has waited a quarter of the longest wait. From then on it is next, so that a stream of
 * small ones cannot starve it.
 * @module
 */

interface Waiter<Need> {
  readonly need: Need;
  readonly admit: () => void;
  /** Has waited long enough not to be passed any more. */
  overdue: boolean;
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

  /** Whether a newcomer that fits may go before those in the line. */
  get mayBePassed(): boolean {
    return !this.#waiters.some(({ overdue }) => overdue);
  }

  /** Admits each, in order, that `take` takes; none behind an overdue one that it does not. */
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

  /** Resolves when admitted. Rejects when the line is full, the wait too long, the signal aborted. */
  async join(need: Need, signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiters.length >= this.#maxLength) throw this.#refuse('the waiting line is full');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { need, admit: resolve, overdue: false };
    this.#waiters.push(waiter);
    const leave = (reason: unknown) => {
      const place = this.#waiters.indexOf(waiter);
      if (place >= 0) this.#waiters.splice(place, 1);
      reject(reason);
    };
    const timeout = () => leave(this.#refuse('its turn did not come in time'));
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
