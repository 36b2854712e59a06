/**
 * Refuses signatures that are too old or were seen before. A nonce is remembered only
 * while its time is valid.
 * @module
 */
import type { Signed } from './signature.ts';

export interface ReplayWindowOptions {
  /** Tolerance for clock differences and transit time, ms. */
  readonly toleranceMs: number;
  /** Most nonces that are remembered. */
  readonly capacity: number;
  /** Ms since 1970. */
  readonly now: () => number;
}

/** Clocks set by NTP differ by less than 30 s. */
export const TOLERANCE_MS = 30_000;

export class ReplayWindow {
  readonly #options: ReplayWindowOptions;
  /** Time at which each nonce may be forgotten, in the order of arrival. */
  readonly #seen = new Map<string, number>();

  constructor(options: ReplayWindowOptions) {
    this.#options = options;
  }

  /**
   * The reason to refuse it, in words; undefined if it is new, and then it is remembered. Call it only for
   * valid signatures, so that strangers cannot fill the memory.
   */
  refuse({ time, nonce }: Signed): string | undefined {
    const { toleranceMs, capacity, now } = this.#options;
    const at = now();
    if (Math.abs(at - time) > toleranceMs) {
      const seconds = Math.round((at - time) / 1000);
      return `it was signed ${seconds} s ago, by the clocks of the two`;
    }
    for (const [old, until] of this.#seen) {
      if (until >= at) break;
      this.#seen.delete(old);
    }
    if (this.#seen.has(nonce)) return 'it was sent before';
    if (this.#seen.size >= capacity) return 'more requests came than can be remembered';
    // Twice, because the time of a clock that is ahead stays valid for longer.
    this.#seen.set(nonce, at + 2 * toleranceMs);
    return undefined;
  }
}
