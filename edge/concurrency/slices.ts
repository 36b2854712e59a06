/**
 * Long work in slices, so that the other requests of the isolate get their turns: it has one thread.
 * Slices are counted in bytes and not in time, since in workerd the clock stands still while code
 * computes.
 * @module
 */
import { LIMITS } from '../limits.ts';

export class Slices {
  #left: number = LIMITS.slice.bytes;

  /** Counts work that was done. What comes back, if anything, has to be awaited before more is. */
  spend(bytes: number): Promise<void> | undefined {
    this.#left -= bytes;
    if (this.#left > 0) return undefined;
    this.#left = LIMITS.slice.bytes;
    return nextTurn();
  }
}

/** Lets everything else that is due go first. A promise alone would not: microtasks jump the queue. */
export const nextTurn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
