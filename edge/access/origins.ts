/**
 * Which web pages may call from a browser: those of HEBB_CORS_ORIGINS, and under `npm start` those
 * of this machine.
 * @module
 */
import { isLoopbackOrigin } from '../../shared/model/access/loopback.ts';

export class Origins {
  readonly #listed: ReadonlySet<string>;
  readonly #local: boolean;

  /**
   * @param list origins with commas between, or `*` for all
   * @param local whether pages of this machine may call too
   */
  constructor(list: string | undefined, local: boolean) {
    const origins = (list ?? '').split(',').map((origin) => origin.trim().replace(/\/$/, ''));
    this.#listed = new Set(origins.filter(Boolean));
    this.#local = local;
  }

  allows(origin: string): boolean {
    if (this.#listed.has('*') || this.#listed.has(origin)) return true;
    return this.#local && isLoopbackOrigin(origin);
  }
}
