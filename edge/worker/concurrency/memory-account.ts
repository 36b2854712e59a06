/**
 * The isolate's memory by its own account: reserved or allocated, now and at the peak.
 * @module
 */

type Gauge = () => number;

export interface AccountReading {
  /** Bytes per part, now. */
  readonly parts: Readonly<Record<string, number>>;
  readonly totalBytes: number;
  /** Largest total sampled. */
  readonly peakBytes: number;
}

export class MemoryAccount {
  readonly #gauges = new Map<string, Gauge>();
  #peak = 0;

  /** Adds a part. @param gauge reads its size, bytes */
  add(name: string, gauge: Gauge): void {
    this.#gauges.set(name, gauge);
  }

  /** Samples the total; to be called whenever a part may have grown. */
  readonly sample = (): void => {
    let total = 0;
    for (const gauge of this.#gauges.values()) total += gauge();
    this.#peak = Math.max(this.#peak, total);
  };

  read(): AccountReading {
    this.sample();
    const parts = Object.fromEntries([...this.#gauges].map(([name, gauge]) => [name, gauge()]));
    const totalBytes = Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);
    return { parts, totalBytes, peakBytes: this.#peak };
  }
}
