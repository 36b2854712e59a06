/**
 * A histogram of activations whose range doubles when larger values arrive.
 * @module
 */
const BINS = 4096;

export class ActivationHistogram {
  /** The range [0, limit) is cut into equal bins. */
  #limit = 2 ** -20;
  #counts = new Float64Array(BINS);
  #total = 0;
  #max = 0;

  /** Adds activations after ReLU; negative values count as 0. */
  add(values: Float32Array): void {
    let max = 0;
    for (const value of values) max = Math.max(max, value);
    while (max >= this.#limit) this.#doubleRange();
    const perUnit = BINS / this.#limit;
    const counts = this.#counts;
    for (const value of values) counts[value > 0 ? Math.floor(value * perUnit) : 0]!++;
    this.#total += values.length;
    this.#max = Math.max(this.#max, max);
  }

  get max(): number {
    return this.#max;
  }

  /** The value that `percent` of all activations do not exceed. */
  percentile(percent: number): number {
    let left = this.#total * (percent / 100);
    for (let bin = 0; bin < BINS; bin++) {
      left -= this.#counts[bin]!;
      if (left <= 0) return Math.min(((bin + 1) / BINS) * this.#limit, this.#max);
    }
    return this.#max;
  }

  /**
   * The clipping value with the smallest mean squared error of `levels` + 1 even steps: rounding has the
   * error step² / 12, clipping the squared distance.
   */
  clipOfLeastError(levels: number): number {
    let best = { clip: this.#max, error: Number.POSITIVE_INFINITY };
    for (let percent = 5; percent <= 100; percent += 1) {
      const clip = (this.#max * percent) / 100;
      const error = this.#errorOf(clip, levels);
      if (error < best.error) best = { clip, error };
    }
    return best.clip;
  }

  #errorOf(clip: number, levels: number): number {
    const rounding = (clip / levels) ** 2 / 12;
    let error = 0;
    for (let bin = 1; bin < BINS; bin++) {
      const value = ((bin + 0.5) / BINS) * this.#limit;
      error += this.#counts[bin]! * (value > clip ? (value - clip) ** 2 : rounding);
    }
    return error;
  }

  #doubleRange(): void {
    const counts = new Float64Array(BINS);
    for (let bin = 0; bin < BINS; bin++) counts[bin >> 1]! += this.#counts[bin]!;
    this.#counts = counts;
    this.#limit *= 2;
  }
}
