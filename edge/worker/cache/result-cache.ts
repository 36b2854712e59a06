/**
 * Cached answers: same bytes, same model, same options. Kept in the Cache API, which each Cloudflare
 * location has of its own, shared by its isolates, and which may evict at any time. (It needs a custom
 * domain; on workers.dev every lookup misses.)
 * @module
 */
import { sha256 } from '@hebb/model/package/manifest';
import type { KeepAlive } from '../concurrency/single-flight.ts';

/** The part of a cache that is used. */
export interface CacheStore {
  match(url: string): Promise<Response | undefined>;
  put(url: string, response: Response): Promise<void>;
}

export interface ResultCacheOptions {
  /** Called at the first lookup: a Worker may not open a cache outside of a request. */
  readonly open: () => Promise<CacheStore>;
  /** Longest time that an answer is kept, s; 0 disables the cache. */
  readonly maxAgeSeconds: number;
}

/** The part of an answer that the cache checks. */
export interface CacheableAnswer {
  readonly model: { readonly version: string };
}

/** The options that an answer depends on, besides image and model; undefined for those not set. */
export type CachedOptions = Readonly<Record<string, string | number | undefined>>;

/** Whether a request may read and write the cache; see `cacheUse`. */
export interface CacheUse {
  readonly read: boolean;
  readonly write: boolean;
}

/** The key of one answer. */
export interface CacheEntry {
  readonly url: string;
  readonly version: string;
  readonly use: CacheUse;
}

/** To be incremented when a change of code changes the answers of the same model. */
const FORMAT = 1;

export class ResultCache {
  readonly #options: ResultCacheOptions;
  #store: Promise<CacheStore> | undefined;

  constructor(options: ResultCacheOptions) {
    this.#options = options;
  }

  /**
   * The key of the answer for these bytes; undefined if the cache is neither read nor written.
   * Computes a SHA-256 of the image: at most 3 ms per MB.
   * @param version of the model that will answer
   */
  async entry(
    image: Uint8Array<ArrayBuffer>,
    version: string,
    options: CachedOptions,
    use: CacheUse,
  ): Promise<CacheEntry | undefined> {
    if (this.#options.maxAgeSeconds <= 0 || !(use.read || use.write)) return undefined;
    const digest = await sha256(image);
    const query = Object.keys(options)
      .filter((name) => options[name] !== undefined)
      .sort()
      .map((name) => `${name}=${encodeURIComponent(String(options[name]))}`)
      .join('&');
    // The Cache API takes URLs only; this host does not exist.
    const url = `https://results.hebb.invalid/${FORMAT}/${version}/${digest}?${query}`;
    return { url, version, use };
  }

  /** The answer, if it is cached. An error of the cache is a miss. */
  async find<Answer extends CacheableAnswer>(
    entry: CacheEntry | undefined,
  ): Promise<Answer | undefined> {
    if (!entry?.use.read) return undefined;
    try {
      const response = await (await this.#opened()).match(entry.url);
      return response && ((await response.json()) as Answer);
    } catch (error) {
      report('cache_unreadable', error);
      return undefined;
    }
  }

  /** Stores an answer in the background, unless another model than the entry's gave it. */
  keep(entry: CacheEntry | undefined, answer: CacheableAnswer, keepAlive: KeepAlive): void {
    if (!entry?.use.write || answer.model.version !== entry.version) return;
    const headers = {
      'Content-Type': 'application/json',
      'Cache-Control': `public, max-age=${this.#options.maxAgeSeconds}`,
    };
    const put = async () => {
      await (await this.#opened()).put(
        entry.url,
        new Response(JSON.stringify(answer), { headers }),
      );
    };
    keepAlive(put().catch((error: unknown) => report('cache_unwritable', error)));
  }

  async #opened(): Promise<CacheStore> {
    this.#store ??= this.#options.open();
    return await this.#store;
  }
}

/**
 * What the request's Cache-Control allows (RFC 9111, 5.2.1): `no-store` neither reads nor writes the
 * cache, `no-cache` does not read it.
 */
export function cacheUse(headers: Headers): CacheUse {
  const directives = (headers.get('cache-control') ?? '').toLowerCase().split(/\s*,\s*/);
  const store = !directives.includes('no-store');
  return { read: store && !directives.includes('no-cache'), write: store };
}

function report(event: string, error: unknown): void {
  console.error(JSON.stringify({ level: 'error', event, cause: String(error) }));
}
