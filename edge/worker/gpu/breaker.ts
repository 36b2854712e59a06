/**
 * A circuit breaker, one per isolate. Closed: all requests pass. Open, after some failures in a row: none
 * passes for a while. Half-open, after that: one trial request decides.
 * @module
 */

export interface BreakerOptions {
  /** Failures in a row that open the breaker. */
  readonly failures: number;
  /** How long it stays open, ms; doubles with each failed trial. */
  readonly openMs: number;
  readonly openAtMostMs: number;
  /** A clock, ms. */
  readonly now: () => number;
  /** 0 to 1. */
  readonly random: () => number;
}

export type BreakerState = 'closed' | 'open' | 'half-open';

export class Breaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  /** Openings since the last success. */
  #openings = 0;
  #openUntil = 0;
  /** Start of the trial request; undefined without one. */
  #trialSince: number | undefined;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  get state(): BreakerState {
    if (this.#openings === 0 && this.waitMs === 0) return 'closed';
    return this.waitMs > 0 ? 'open' : 'half-open';
  }

  /** Time until it is half-open, ms. */
  get waitMs(): number {
    return Math.max(0, this.#openUntil - this.#options.now());
  }

  /** Whether a request may be sent. A caller that gets true must report the outcome. */
  admits(): boolean {
    const { state } = this;
    if (state !== 'half-open') return state === 'closed';
    const { now, openAtMostMs } = this.#options;
    // The trial may end without an outcome: a Worker's request ends when its client disconnects.
    if (this.#trialSince !== undefined && now() - this.#trialSince < openAtMostMs) return false;
    this.#trialSince = now();
    return true;
  }

  /** Whether `admits` would return true. */
  get ready(): boolean {
    const { state } = this;
    return state === 'closed' || (state === 'half-open' && this.#trialSince === undefined);
  }

  succeeded(): void {
    this.#failures = 0;
    this.#openings = 0;
    this.#openUntil = 0;
    this.#trialSince = undefined;
  }

  failed(): void {
    this.#failures++;
    const tried = this.#trialSince !== undefined;
    this.#trialSince = undefined;
    const { failures, openMs, openAtMostMs, random } = this.#options;
    if (!tried && this.#failures < failures) return;
    const ms = Math.min(openAtMostMs, openMs * 2 ** this.#openings);
    this.#openings++;
    this.#failures = 0;
    this.openFor(ms * (0.75 + random() / 2));
  }

  /** No outcome: the client disconnected, or the deadline passed. */
  undecided(): void {
    this.#trialSince = undefined;
  }

  /** Stays open for this long, by `Retry-After`. */
  openFor(ms: number): void {
    const { now, openAtMostMs } = this.#options;
    this.#openUntil = Math.max(this.#openUntil, now() + Math.min(ms, openAtMostMs));
  }
}
