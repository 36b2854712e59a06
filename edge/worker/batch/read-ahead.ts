/**
 * Limits how many bytes of images are in memory: yielded and not yet released.
 * @module
 */
import type { BatchItem } from './item.ts';

export class ReadAhead {
  readonly #most: number;
  #bytes = 0;
  #held = 0;
  #changed = Promise.withResolvers<void>();
  #onEmpty: (() => void) | undefined;

  /** @param most bytes above which nothing more is read */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Yields an item, and counts its image until the next item is read or its hold is released.
   * @param freed called when it no longer counts
   */
  *give(item: BatchItem, freed = () => {}): Generator<BatchItem> {
    const bytes = item.image?.length ?? 0;
    this.#bytes += bytes;
    let held = false;
    const hold = () => {
      held = true;
      this.#held++;
      let released = false;
      return () => {
        if (released) return;
        released = true;
        this.#held--;
        freed();
        this.#free(bytes);
      };
    };
    try {
      yield { ...item, hold };
    } finally {
      if (!held) {
        freed();
        this.#free(bytes);
      }
    }
  }

  /** Resolves when more may be read. */
  async room(): Promise<void> {
    while (this.#bytes >= this.#most) await this.#changed.promise;
  }

  /** Calls back as soon as no item is held. */
  whenEmpty(then: () => void): void {
    if (this.#held === 0) then();
    else this.#onEmpty = then;
  }

  #free(bytes: number): void {
    this.#bytes -= bytes;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
    if (this.#held === 0) this.#onEmpty?.();
  }
}
