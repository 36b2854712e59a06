/**
 * One request and its answer: address, key, time limit, errors.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import type { Body } from './images.ts';
import { type RetryOptions, withRetries } from './retry.ts';
import { errorOf, notHebb, unreachable } from './service-error.ts';

export interface TransportOptions {
  /** As in https://hebb.example.com. */
  readonly edge: string;
  /** An API key, if the service needs one. */
  readonly key: string | undefined;
  readonly fetch: typeof fetch;
  /** Timeout of an answer, or of the start of an answer in lines, ms. */
  readonly timeoutMs: number;
  readonly retry: RetryOptions;
}

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: Body;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** The request is idempotent. */
  readonly repeatable: boolean;
  /** Overrides the client's timeout, ms. */
  readonly timeoutMs?: number;
}

export class Transport {
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  get edge(): string {
    return this.#options.edge;
  }

  /** The client's timer. */
  get wait(): RetryOptions['wait'] {
    return this.#options.retry.wait;
  }

  /**
   * The answer, as soon as it begins. Throws the service's error, `edge_unreachable` if there was no answer, and
   * the signal's reason when it is aborted.
   */
  async ask(path: string, ask: Ask): Promise<Response> {
    return await this.#ask(path, ask, async (response) => response);
  }

  /** The answer's JSON; throws like `ask`. */
  async json<T>(path: string, ask: Ask): Promise<T> {
    return await this.#ask(path, ask, async (response) => (await response.json()) as T);
  }

  async #ask<T>(path: string, ask: Ask, read: (response: Response) => Promise<T>): Promise<T> {
    const once = () => this.#askOnce(path, ask, read);
    return ask.repeatable ? await withRetries(once, this.#options.retry, ask.signal) : await once();
  }

  async #askOnce<T>(
    path: string,
    { method = 'GET', body, headers, signal, timeoutMs }: Ask,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    const { edge, key, fetch } = this.#options;
    const url = new URL(path, edge);
    const slow = new AbortController();
    const timer = setTimeout(
      () => slow.abort(new DOMException('No answer in time.', 'TimeoutError')),
      timeoutMs ?? this.#options.timeoutMs,
    );
    try {
      const response = await fetch(url, {
        method,
        headers: {
          ...(key !== undefined && { Authorization: `Bearer ${key}` }),
          ...(body?.contentType !== undefined && { 'Content-Type': body.contentType }),
          ...headers,
        },
        ...(body && { body: body.body }),
        signal: signal ? AbortSignal.any([signal, slow.signal]) : slow.signal,
      });
      if (!response.ok) throw await errorOf(response, edge);
      return await read(response);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof HebbError) throw error;
      throw error instanceof SyntaxError
        ? notHebb(edge, 'answers with what is no JSON')
        : unreachable(edge, error);
    } finally {
      clearTimeout(timer);
    }
  }
}
