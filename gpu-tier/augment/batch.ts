/**
 * What the input pipeline is asked for and gives.
 * @module
 */
import type { Example } from '../dataset/dataset.ts';

/** How a training image is varied (paper section 6; Howard 2013). */
export interface AugmentOptions {
  /** Share of the image's area that a crop covers, from and to. The paper: 0.08 to 1. */
  readonly area: readonly [number, number];
  /** Width over height of a crop, from and to. The paper: 3/4 to 4/3. */
  readonly aspect: readonly [number, number];
  /** Left and right are swapped in half of the draws. */
  readonly mirror: boolean;
  /** Each factor is drawn from 1 − x to 1 + x; 0 leaves the image as it is. */
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  /** Degrees of the colour circle, drawn from −x to x. */
  readonly hue: number;
}

export interface BatchRequest {
  readonly examples: readonly Example[];
  /** One seed of 32 bits per example: the same seed, the same pixels. */
  readonly seeds: readonly number[];
  /** Side of the square that the network reads, pixels. */
  readonly size: number;
}

export interface Batch {
  /** uint8 RGB [n, size, size, 3]. */
  readonly pixels: Uint8Array;
  /** Indices of the classes, [n]. */
  readonly labels: Int32Array;
  readonly size: number;
}

/** Makes batches in worker threads, ahead of the one who reads them. */
export interface Pipeline {
  /**
   * The batches of `requests`, in their order; the next ones are being made while one is used. A file
   * that cannot be decoded ends it with that error.
   */
  batches(requests: Iterable<BatchRequest>): AsyncGenerator<Batch>;
  close(): Promise<void>;
}
