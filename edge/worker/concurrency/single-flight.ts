import { HebbError } from '@hebb/model/errors';

/** Keeps a promise running after its request has ended (`ExecutionContext.waitUntil`). */
export type KeepAlive = (promise: Promise<unknown>) => void;

/**
 * Concurrent calls share one run of the work.
 *
 * In Workers a promise belongs to the request that created it, and may never settle when that request's
 * client disconnects. So the work is kept alive, and a caller that has waited for `patienceMs` fails and
 * lets the next call start again.
 */
export class SingleFlight<T> {
  readonly #patienceMs: number;
  readonly #what: string;
  #flight: Promise<T> | undefined;

  /** @param what for the error message: "the model" */
  constructor(what: string, patienceMs: number) {
    this.#what = what;
    this.#patienceMs = patienceMs;
  }

  async run(work: () => Promise<T>, keepAlive: KeepAlive): Promise<T> {
    if (!this.#flight) {
      const flight = work().finally(() => this.#land(flight));
      this.#flight = flight;
      keepAlive(flight.catch(() => {}));
    }
    return await this.#withTimeout(this.#flight);
  }

  #land(flight: Promise<T>): void {
    if (this.#flight === flight) this.#flight = undefined;
  }

  async #withTimeout(flight: Promise<T>): Promise<T> {
    const { promise: lost, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      this.#land(flight);
      reject(new HebbError('model_unavailable', `Loading ${this.#what} takes too long.`));
    }, this.#patienceMs);
    try {
      return await Promise.race([flight, lost]);
    } finally {
      clearTimeout(timer);
    }
  }
}
