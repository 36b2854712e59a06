import { HebbError } from '../../shared/model/errors.ts';

/** Keeps a promise going after the request that began it has gone (`ExecutionContext.waitUntil`). */
export type KeepAlive = (promise: Promise<unknown>) => void;

/**
 * Runs one piece of work at a time for everyone who asks for it meanwhile.
 *
 * In Workers work belongs to the request that began it: if that request's client goes away, its
 * promises may never settle. So the work is kept alive, and whoever has waited for `patienceMs`
 * gives up on it, and the next one begins anew.
 */
export class SingleFlight<T> {
  readonly #patienceMs: number;
  readonly #what: string;
  #flight: Promise<T> | undefined;

  /** @param what in the error message: "the model" */
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
    return await this.#withPatience(this.#flight);
  }

  #land(flight: Promise<T>): void {
    if (this.#flight === flight) this.#flight = undefined;
  }

  async #withPatience(flight: Promise<T>): Promise<T> {
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
