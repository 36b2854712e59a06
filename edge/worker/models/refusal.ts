import type { ErrorCode } from '@hebb/model/errors';
import type { Manifest } from '@hebb/model/package/manifest';

/** A published model that could not be loaded, as `GET /v1/models` shows it. */
export interface Refused extends Pick<Manifest, 'name' | 'version'> {
  /** The error's code: `invalid_package`, `model_too_large`, … */
  readonly code: ErrorCode;
  readonly reason: string;
}

export interface RefusalOptions {
  /** Wait after a model's first failure, ms; doubles with each further one. */
  readonly retryAfterMs: number;
  /** Longest wait, ms. */
  readonly retryAtMostMs: number;
  readonly now: () => number;
}

/** Remembers a model that could not be loaded, to retry it with back-off instead of at every request. */
export class Refusal {
  readonly #options: RefusalOptions;
  #last:
    | { readonly key: string; readonly refused: Refused | undefined; readonly delayMs: number }
    | undefined;
  #retryAt = 0;

  constructor(options: RefusalOptions) {
    this.#options = options;
  }

  get refused(): Refused | undefined {
    return this.#last?.refused;
  }

  /** Whether the model may be tried now. */
  mayTry(key: string): boolean {
    return this.#last?.key !== key || this.#options.now() >= this.#retryAt;
  }

  /** @param refused undefined for the built-in model */
  note(key: string, refused: Refused | undefined): void {
    const { retryAfterMs, retryAtMostMs, now } = this.#options;
    const again = this.#last?.key === key ? this.#last.delayMs * 2 : retryAfterMs;
    const delayMs = Math.min(again, retryAtMostMs);
    this.#last = { key, refused, delayMs };
    this.#retryAt = now() + delayMs;
  }

  clear(): void {
    this.#last = undefined;
  }
}
