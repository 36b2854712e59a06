/**
 * The distribution of each channel of a layer's activations: collected as histograms whose range doubles when a
 * larger value arrives, then summed up so that questions about a channel take constant time.
 * @module
 */
import { ACTIVATION_MAX } from '@hebb/model';

const BINS = 1024;

/** Collects the activations of one layer. */
export class ChannelHistograms {
  readonly channels: number;
  /** Channel c's range [0, limit) is cut into equal bins. */
  readonly #limit: Float64Array;
  /** Positive values only, [channels, BINS]. */
  readonly #counts: Uint32Array;
  readonly #max: Float64Array;
  #pixels = 0;

  constructor(channels: number) {
    this.channels = channels;
    this.#limit = new Float64Array(channels).fill(2 ** -20);
    this.#counts = new Uint32Array(channels * BINS);
    this.#max = new Float64Array(channels);
  }

  /**
   * Adds activations after ReLU; negative values count as 0.
   * @param values float32 [pixels, channels]
   * @param every n: only every n-th pixel is added
   */
  add(values: Float32Array, every = 1): void {
    const { channels } = this;
    const perUnit = this.#limit.map((limit) => BINS / limit);
    const skipped = (every - 1) * channels;
    for (let i = 0; i < values.length; i += skipped) {
      for (let c = 0; c < channels; c++, i++) {
        const value = values[i]!;
        if (!(value > 0)) continue;
        if (value > this.#max[c]!) {
          this.#max[c] = value;
          while (value >= this.#limit[c]!) this.#doubleRange(c);
          perUnit[c] = BINS / this.#limit[c]!;
        }
        this.#counts[c * BINS + Math.floor(value * perUnit[c]!)]!++;
      }
    }
    this.#pixels += Math.ceil(values.length / channels / every);
  }

  /** The distribution of one channel in these histograms together. */
  static distribution(histograms: readonly ChannelHistograms[], channel: number): Distribution {
    const pixels = Math.max(
      1,
      histograms.reduce((sum, h) => sum + h.#pixels, 0),
    );
    const limit = Math.max(...histograms.map((h) => h.#limit[channel]!));
    const counts = new Float64Array(BINS);
    for (const h of histograms) {
      const narrower = limit / h.#limit[channel]!; // a power of two
      for (let bin = 0; bin < BINS; bin++) {
        counts[Math.floor(bin / narrower)]! += h.#counts[channel * BINS + bin]!;
      }
    }
    const max = Math.max(...histograms.map((h) => h.#max[channel]!));
    return new Distribution(counts, limit, max, pixels);
  }

  #doubleRange(channel: number): void {
    const counts = this.#counts.subarray(channel * BINS, (channel + 1) * BINS);
    for (let bin = 0; bin < BINS / 2; bin++) counts[bin] = counts[2 * bin]! + counts[2 * bin + 1]!;
    counts.fill(0, BINS / 2);
    this.#limit[channel]! *= 2;
  }
}

/** The distribution of one channel's activations. */
export class Distribution {
  readonly max: number;
  /** Number of values, zeros included. */
  readonly pixels: number;
  readonly #width: number;
  /** Sums over the bins from this one on: count, value, square. */
  readonly #above: readonly [Float64Array, Float64Array, Float64Array];

  /** @param counts of the bins of [0, limit), without zeros */
  constructor(counts: Float64Array, limit: number, max: number, pixels: number) {
    this.max = max;
    this.pixels = pixels;
    this.#width = limit / BINS;
    const moments = () => new Float64Array(BINS + 1);
    const [zeroth, first, second] = [moments(), moments(), moments()];
    for (let bin = BINS - 1; bin >= 0; bin--) {
      const value = (bin + 0.5) * this.#width;
      const count = counts[bin]!;
      zeroth[bin] = zeroth[bin + 1]! + count;
      first[bin] = first[bin + 1]! + count * value;
      second[bin] = second[bin + 1]! + count * value * value;
    }
    this.#above = [zeroth, first, second];
  }

  /** Share of the values that are not 0. */
  get activeShare(): number {
    return this.#above[0][0]! / this.pixels;
  }

  get mean(): number {
    return this.#above[1][0]! / this.pixels;
  }

  /** Mean of the squares. */
  get energy(): number {
    return this.#above[2][0]! / this.pixels;
  }

  /** How many values exceed a limit. */
  countAbove(limit: number): number {
    return this.#above[0][this.#bin(limit)]!;
  }

  /** Mean squared error of rounding to 0 … 127 steps; larger values are clipped. */
  error(step: number): number {
    const [count, value, square] = this.#above;
    const clip = ACTIVATION_MAX * step;
    const [half, top] = [this.#bin(step / 2), this.#bin(clip)];
    const toZero = square[0]! - square[half]!;
    const rounded = (count[half]! - count[top]!) * (step ** 2 / 12);
    const clipped = square[top]! - 2 * clip * value[top]! + clip ** 2 * count[top]!;
    return (toZero + rounded + Math.max(clipped, 0)) / this.pixels;
  }

  /** Mean after rounding to 0 … 127 steps. */
  roundedMean(step: number): number {
    const [count] = this.#above;
    let sum = 0;
    for (let q = 1; q <= ACTIVATION_MAX; q++) sum += count[this.#bin((q - 0.5) * step)]!;
    return (sum * step) / this.pixels;
  }

  /** The first bin whose values exceed a limit. */
  #bin(limit: number): number {
    return Math.min(BINS, Math.max(0, Math.round(limit / this.#width)));
  }
}
