/**
 * Results in the order in which their work began, while more work begins.
 * @module
 */

export class Ordered<T> {
  readonly #most: number;
  readonly #queue: Promise<T>[] = [];
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #news = Promise.withResolvers<void>();

  /** @param most results that may be under way */
  constructor(most: number) {
    this.#most = most;
  }

  /** Resolves when there is room for more, or nobody wants it. */
  async room(): Promise<void> {
    while (this.#queue.length >= this.#most && !this.#ended) await this.#news.promise;
  }

  /** Adds results under way. */
  add(results: readonly Promise<T>[]): void {
    for (const result of results) result.catch(() => {}); // whoever reads it hears of it
    this.#queue.push(...results);
    this.#tell();
  }

  /** No more will come. */
  end(): void {
    this.#ended = true;
    this.#tell();
  }

  /** No more will come, for this reason, which follows what has been added. */
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
        this.#tell();
        yield result;
      } else if (this.#failure) {
        throw this.#failure.error;
      } else if (this.#ended) {
        return;
      } else {
        await this.#news.promise;
      }
    }
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}
