/**
 * What is known of the GPU tier's speed, from its answers.
 * @module
 */

/** Weight of what is new. */
const NEW = 0.25;

/** Before anything was measured: ms per image. A guess on the slow side, for a CPU. */
const FIRST_GUESS_MS = 20;

/** What a request takes beside its images: ms, a guess on the slow side. */
const ROUND_TRIP_MS = 50;

export class Pace {
  #perImageMs: number | undefined;
  #queueDepth = 0;

  /**
   * A chunk took so long, from sending it to the whole answer.
   * @param ahead images of this isolate that were on their way before it
   */
  measured(ms: number, images: number, ahead: number): void {
    const perImage = ms / (images + ahead);
    const old = this.#perImageMs ?? perImage;
    this.#perImageMs = old + NEW * (perImage - old);
  }

  /** How many images wait there. */
  waiting(queueDepth: number): void {
    this.#queueDepth = queueDepth;
  }

  get perImageMs(): number {
    return this.#perImageMs ?? FIRST_GUESS_MS;
  }

  /** Images that waited there when it last answered. */
  get queueDepth(): number {
    return this.#queueDepth;
  }

  /** What so many images will take, with those that are there already: ms. */
  expectMs(images: number, ahead: number): number {
    return ROUND_TRIP_MS + this.perImageMs * (images + Math.max(ahead, this.#queueDepth));
  }
}
