/**
 * Several pieces of work at a time, never more than `limit`; the first failure ends it.
 */
export class Parallel {
  readonly #limit: number;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Begins `work` when there is room for it. Throws what failed before. */
  async add(work: () => Promise<void>): Promise<void> {
    while (this.#running.size >= this.#limit) await Promise.race(this.#running);
    this.#check();
    const running: Promise<void> = work()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Waits until nothing is under way any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Waits for the rest. Throws what failed. */
  async done(): Promise<void> {
    await this.settled();
    this.#check();
  }

  #check(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
