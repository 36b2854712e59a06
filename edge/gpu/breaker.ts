/**
 * A circuit breaker: after some failures in a row nobody asks for a while, then one asks, and by
 * what comes of it either everyone does again or nobody for longer. One per isolate.
 * @module
 */

export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** How long it stays open, ms; doubles each time that it opens again at once. */
  readonly openMs: number;
  readonly openAtMostMs: number;
  /** Ms. */
  readonly now: () => number;
  /** 0 to 1. */
  readonly random: () => number;
}

export type BreakerState = 'closed' | 'open' | 'trying';

export class Breaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  /** How often it has opened without a success in between. */
  #openings = 0;
  #openUntil = 0;
  /** When the one that tries began; undefined while nobody does. */
  #tryingSince: number | undefined;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** `trying`: it was open, and one request finds out whether it still has to be. */
  get state(): BreakerState {
    if (this.#openings === 0 && this.waitMs === 0) return 'closed';
    return this.waitMs > 0 ? 'open' : 'trying';
  }

  /** How long nobody asks, ms. */
  get waitMs(): number {
    return Math.max(0, this.#openUntil - this.#options.now());
  }

  /** Whether to ask now. Who is told yes says afterwards what came of it. */
  admits(): boolean {
    const { state } = this;
    if (state !== 'trying') return state === 'closed';
    const { now, openAtMostMs } = this.#options;
    // Whoever tried may be gone without a word: a Worker's request ends when its client leaves.
    if (this.#tryingSince !== undefined && now() - this.#tryingSince < openAtMostMs) return false;
    this.#tryingSince = now();
    return true;
  }

  /** Whether `admits` would say yes. */
  get ready(): boolean {
    const { state } = this;
    return state === 'closed' || (state === 'trying' && this.#tryingSince === undefined);
  }

  succeeded(): void {
    this.#failures = 0;
    this.#openings = 0;
    this.#openUntil = 0;
    this.#tryingSince = undefined;
  }

  failed(): void {
    this.#failures++;
    const tried = this.#tryingSince !== undefined;
    this.#tryingSince = undefined;
    const { failures, openMs, openAtMostMs, random } = this.#options;
    if (!tried && this.#failures < failures) return;
    const ms = Math.min(openAtMostMs, openMs * 2 ** this.#openings);
    this.#openings++;
    this.#failures = 0;
    this.closedFor(ms * (0.75 + random() / 2));
  }

  /** Neither: the caller went away, or the request was at fault. */
  undecided(): void {
    this.#tryingSince = undefined;
  }

  /** The other side says when it wants to be asked again (`Retry-After`), and is not asked before. */
  closedFor(ms: number): void {
    const { now, openAtMostMs } = this.#options;
    this.#openUntil = Math.max(this.#openUntil, now() + Math.min(ms, openAtMostMs));
  }
}
