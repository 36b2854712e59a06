/** How long the Web Worker may be busy before it looks for messages again, ms. */
const TURN_MS = 50;

/** Long work that lets messages in now and then: a cancellation, another call. */
export class Turns {
  #since = performance.now();

  /** Waits for other messages if it is time to; tells whether it was. */
  async give(): Promise<boolean> {
    if (performance.now() - this.#since < TURN_MS) return false;
    await new Promise((resolve) => setTimeout(resolve));
    this.#since = performance.now();
    return true;
  }
}
