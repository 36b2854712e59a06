import type { StepFigures } from '../step/session.ts';

/** Means of an epoch's figures, and its timing. */
export class EpochMeter {
  readonly #now: () => number;
  readonly #began: number;
  readonly #sums = new Map<string, number>();
  #steps = 0;
  #images = 0;
  #waitedMs = 0;

  /** @param now milliseconds of a monotonic clock */
  constructor(now: () => number) {
    this.#now = now;
    this.#began = now();
  }

  waited(ms: number): void {
    this.#waitedMs += ms;
  }

  add(figures: StepFigures, images: number): void {
    for (const [name, value] of Object.entries(figures)) {
      this.#sums.set(name, (this.#sums.get(name) ?? 0) + value);
    }
    this.#steps++;
    this.#images += images;
  }

  /** Mean over the steps so far; undefined for a figure that was not measured. */
  mean(name: string): number | undefined {
    const sum = this.#sums.get(name);
    return sum === undefined ? undefined : sum / this.#steps;
  }

  /** The means of all figures. */
  means(): StepFigures {
    return Object.fromEntries([...this.#sums].map(([name, sum]) => [name, sum / this.#steps]));
  }

  get seconds(): number {
    return (this.#now() - this.#began) / 1000;
  }

  get imagesPerSecond(): number {
    return this.#images / Math.max(this.seconds, 1e-9);
  }

  /** Share of the time spent waiting for images, 0 to 1. */
  get waiting(): number {
    return this.#waitedMs / 1000 / Math.max(this.seconds, 1e-9);
  }
}
