/**
 * A bounded queue of results in progress, read in the order in which their work began.
 * @module
 */
export class Ordered<T> {
  readonly #most: number;
  readonly #queue: Promise<T>[] = [];
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #changed = Promise.withResolvers<void>();

  /** @param most results in progress at a time */
  constructor(most: number) {
    this.#most = most;
  }

  /** Resolves when there is room for more, or the queue has ended. */
  async room(): Promise<void> {
    while (this.#queue.length >= this.#most && !this.#ended) await this.#changed.promise;
  }

  /** Adds results in progress. */
  add(results: readonly Promise<T>[]): void {
    for (const result of results) result.catch(() => {}); // the reader gets the error
    this.#queue.push(...results);
    this.#notify();
  }

  /** Nothing more will be added. */
  end(): void {
    this.#ended = true;
    this.#notify();
  }

  /** Nothing more will be added; the reader gets this error after the results so far. */
  fail(error: unknown): void {
    this.#failure = { error };
    this.end();
  }

  async *results(): AsyncGenerator<T> {
    for (;;) {
      const [first] = this.#queue;
      if (first) {
        const result = await first;
        this.#queue.splice(0, 1);
        this.#notify();
        yield result;
      } else if (this.#failure) {
        throw this.#failure.error;
      } else if (this.#ended) {
        return;
      } else {
        await this.#changed.promise;
      }
    }
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
