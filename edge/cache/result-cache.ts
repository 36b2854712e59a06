/**
 * Answers that were given before: same bytes, same model, same options. In the Cache API, which is
 * each Cloudflare location's own, shared by its isolates, and forgets when it likes. (It needs a
 * custom domain; on workers.dev nothing is ever found.)
 * @module
 */
import type { KeepAlive } from '../concurrency/single-flight.ts';

/** What is used of a cache. */
export interface CacheStore {
  match(url: string): Promise<Response | undefined>;
  put(url: string, response: Response): Promise<void>;
}

export interface ResultCacheOptions {
  /** Opened with the first question: a Worker may not do that before a request comes. */
  readonly open: () => Promise<CacheStore>;
  /** How long an answer is kept at most, s; 0 keeps none. */
  readonly maxAgeSeconds: number;
}

/** What an answer must tell to be kept. */
export interface CacheableAnswer {
  readonly model: { readonly version: string };
}

/** Everything that the answer depends on beside image and model; undefined where it is not set. */
export type CachedOptions = Readonly<Record<string, string | number | undefined>>;

/** What a request allows: all by default, see `cacheUse`. */
export interface CacheUse {
  readonly read: boolean;
  readonly write: boolean;
}

/** The place of one answer, filled or not. */
export interface CacheEntry {
  readonly url: string;
  readonly version: string;
  readonly use: CacheUse;
}

/** Counts up when code changes so that the same model answers otherwise. */
const FORMAT = 1;

export class ResultCache {
  readonly #options: ResultCacheOptions;
  #store: Promise<CacheStore> | undefined;

  constructor(options: ResultCacheOptions) {
    this.#options = options;
  }

  /**
   * The place of the answer for these bytes; undefined when nothing is to be looked up or kept.
   * Takes as long as a SHA-256 of the image does: 3 ms per MB at most.
   * @param version digest of the model that will answer
   */
  async entry(
    image: Uint8Array<ArrayBuffer>,
    version: string,
    options: CachedOptions,
    use: CacheUse,
  ): Promise<CacheEntry | undefined> {
    if (this.#options.maxAgeSeconds <= 0 || !(use.read || use.write)) return undefined;
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', image));
    const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
    const query = Object.keys(options)
      .filter((name) => options[name] !== undefined)
      .sort()
      .map((name) => `${name}=${encodeURIComponent(String(options[name]))}`)
      .join('&');
    // The host is nobody's; a cache wants URLs.
    const url = `https://results.hebb.invalid/${FORMAT}/${version}/${sha256}?${query}`;
    return { url, version, use };
  }

  /** The answer, if it is known. A cache that fails knows nothing. */
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

  /** Keeps an answer for the next one, unless another model gave it. Nobody waits for that. */
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
 * What the request's Cache-Control allows (RFC 9111, 5.2.1): `no-store` leaves no trace of the image
 * here, `no-cache` has it computed anew.
 */
export function cacheUse(headers: Headers): CacheUse {
  const directives = (headers.get('cache-control') ?? '').toLowerCase().split(/\s*,\s*/);
  const store = !directives.includes('no-store');
  return { read: store && !directives.includes('no-cache'), write: store };
}

function report(event: string, error: unknown): void {
  console.error(JSON.stringify({ level: 'error', event, cause: String(error) }));
}
