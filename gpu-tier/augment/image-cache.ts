/**
 * Which images lie in the arena.
 * @module
 */
import type { Stored } from './sample.ts';

export interface Lookup {
  readonly stored?: Stored | undefined;
  /** Whoever asked shall put the image into the arena. */
  readonly keep: boolean;
}

export class ImageCache {
  /** 'pending' is being decoded by someone; 'refused' did not fit. */
  readonly #images = new Map<string, Stored | 'pending' | 'refused'>();

  look(key: string): Lookup {
    const known = this.#images.get(key);
    if (known === undefined) {
      this.#images.set(key, 'pending');
      return { keep: true };
    }
    return typeof known === 'string' ? { keep: false } : { stored: known, keep: false };
  }

  /** After a `look` that said keep. */
  settle(key: string, stored: Stored | undefined): void {
    this.#images.set(key, stored ?? 'refused');
  }

  /** After a `look` that said keep, when nobody did. */
  forget(key: string): void {
    this.#images.delete(key);
  }
}
