/**
 * How many bytes of images are in memory: given out and not yet done with.
 * @module
 */
import type { BatchItem } from './item.ts';

export class ReadAhead {
  readonly #most: number;
  #bytes = 0;
  #held = 0;
  #news = Promise.withResolvers<void>();
  #atEnd: (() => void) | undefined;

  /** @param most bytes beyond which nothing more is read */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Gives an item out, and counts its image until the next is asked for, or as long as it is held.
   * @param freed called when it counts no more
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
    while (this.#bytes >= this.#most) await this.#news.promise;
  }

  /** Calls back when nothing is held any more: at once, or later. */
  whenEmpty(then: () => void): void {
    if (this.#held === 0) then();
    else this.#atEnd = then;
  }

  #free(bytes: number): void {
    this.#bytes -= bytes;
    this.#news.resolve();
    this.#news = Promise.withResolvers();
    if (this.#held === 0) this.#atEnd?.();
  }
}
