/**
 * Cooperative multitasking: long work yields to other requests of the isolate, which has one thread. Slices
 * are measured in bytes, since workerd's clock stands still while code runs.
 * @module
 */
import { LIMITS } from '../limits.ts';

export class Slices {
  #left: number = LIMITS.slice.bytes;

  /** Counts finished work. A promise that is returned must be awaited before doing more. */
  spend(bytes: number): Promise<void> | undefined {
    this.#left -= bytes;
    if (this.#left > 0) return undefined;
    this.#left = LIMITS.slice.bytes;
    return nextTurn();
  }
}

/** Yields to other tasks of the event loop, which a microtask would not. */
export const nextTurn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
