/**
 * The GPU tier's speed, an EWMA over its answers.
 * @module
 */

/** Weight of a new measurement. */
const ALPHA = 0.25;

/** Ms per image before any measurement: a high estimate, for a CPU. */
const FIRST_GUESS_MS = 20;

/** Overhead of a request, ms: a high estimate. */
const ROUND_TRIP_MS = 50;

export class Pace {
  #perImageMs: number | undefined;
  #queueDepth = 0;

  /**
   * @param ms from sending a chunk to the end of the answer
   * @param ahead images of this isolate in progress before it
   */
  measured(ms: number, images: number, ahead: number): void {
    const perImage = ms / (images + ahead);
    const old = this.#perImageMs ?? perImage;
    this.#perImageMs = old + ALPHA * (perImage - old);
  }

  /** Sets the tier's queue depth, images. */
  waiting(queueDepth: number): void {
    this.#queueDepth = queueDepth;
  }

  get perImageMs(): number {
    return this.#perImageMs ?? FIRST_GUESS_MS;
  }

  /** The tier's queue depth at its last answer, images. */
  get queueDepth(): number {
    return this.#queueDepth;
  }

  /** Expected time for this many images, including those in the queue, ms. */
  expectMs(images: number, ahead: number): number {
    return ROUND_TRIP_MS + this.perImageMs * (images + Math.max(ahead, this.#queueDepth));
  }
}
