/**
 * How many records a batch has, whether they are images or not: folders, pax headers, blank lines and
 * parts that are passed over cost time as well.
 * @module
 */
import { HebbError } from '../../shared/model/errors.ts';
import type { Slices } from '../concurrency/slices.ts';
import { LIMITS } from '../limits.ts';

export class Entries {
  readonly #most: number;
  readonly #slices: Slices;
  #count = 0;

  constructor(most: number, slices: Slices) {
    this.#most = most;
    this.#slices = slices;
  }

  /** Counts one more. Throws `batch_too_large`. */
  async count(): Promise<void> {
    if (++this.#count > this.#most) {
      throw new HebbError(
        'batch_too_large',
        `A batch has ${this.#most} entries at most; folders, blank lines and files that are passed over count too.`,
        { hint: 'Send the images alone, or several batches.' },
      );
    }
    const turn = this.#slices.spend(LIMITS.slice.entryBytes);
    if (turn) await turn;
  }
}
