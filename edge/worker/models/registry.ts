/**
 * Which published model is current: a pointer in KV, so that a new model needs no deployment.
 * @module
 */
import { parseReleases, RELEASES_KEY, type Releases } from '@hebb/model/package/releases';

/** The part of a KV namespace that is used. */
export interface KeyValueStore {
  get(key: string, options: { type: 'text'; cacheTtl: number }): Promise<string | null>;
}

/** Seconds that KV may answer from its own cache; 30 is the minimum. */
const CACHE_TTL = 30;

export class ModelRegistry {
  readonly #store: KeyValueStore;
  readonly #maxAgeMs: number;
  readonly #now: () => number;
  #last: { readonly releases: Releases | undefined; readonly readAt: number } | undefined;

  /** @param now a clock in ms; workerd's advances only at I/O, which is enough here */
  constructor(store: KeyValueStore, maxAgeMs: number, now: () => number) {
    this.#store = store;
    this.#maxAgeMs = maxAgeMs;
    this.#now = now;
  }

  /**
   * The releases, at most `maxAgeMs` old; undefined before the first publication. If the registry cannot
   * be read, the last releases read are used; throws if there are none.
   */
  async releases(): Promise<Releases | undefined> {
    if (this.#last && this.#now() - this.#last.readAt < this.#maxAgeMs) return this.#last.releases;
    const releases = await this.#read();
    this.#last = { releases, readAt: this.#now() };
    return releases;
  }

  async #read(): Promise<Releases | undefined> {
    try {
      const text = await this.#store.get(RELEASES_KEY, { type: 'text', cacheTtl: CACHE_TTL });
      return text === null ? undefined : parseReleases(text);
    } catch (error) {
      if (!this.#last) throw error;
      console.error(
        JSON.stringify({ level: 'error', event: 'registry_unreadable', cause: String(error) }),
      );
      return this.#last.releases;
    }
  }
}
