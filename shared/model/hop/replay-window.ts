/**
 * Refuses what was signed too long ago, and what was seen before. A nonce has to be remembered only
 * as long as its time is good.
 * @module
 */
import type { Signed } from './signature.ts';

export interface ReplayWindowOptions {
  /** How far the other clock may be off, and how long a request may be on its way: ms. */
  readonly toleranceMs: number;
  /** Most nonces that are remembered. */
  readonly capacity: number;
  /** Ms since 1970. */
  readonly now: () => number;
}

/** 30 s are more than any two clocks that are set by NTP differ. */
export const TOLERANCE_MS = 30_000;

export class ReplayWindow {
  readonly #options: ReplayWindowOptions;
  /** When each may be forgotten; in the order in which they came. */
  readonly #seen = new Map<string, number>();

  constructor(options: ReplayWindowOptions) {
    this.#options = options;
  }

  /**
   * Why not, in words; undefined when it is new, which it then no longer is. To be asked about
   * signatures that are good only: nobody else can fill the memory.
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
    // Twice: a clock that is ahead signs times that are good for longer.
    this.#seen.set(nonce, at + 2 * toleranceMs);
    return undefined;
  }
}
