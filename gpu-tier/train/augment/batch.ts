/**
 * Requests and results of the input pipeline.
 * @module
 */
import type { Example } from '../dataset/dataset.ts';

/** Augmentation of a training image (paper section 6; Howard 2013). */
export interface AugmentOptions {
  /** Smallest and largest share of the image's area in a crop. The paper: 0.08 to 1. */
  readonly area: readonly [number, number];
  /** Smallest and largest width over height of a crop. The paper: 3/4 to 4/3. */
  readonly aspect: readonly [number, number];
  /** Swap left and right in half of the draws. */
  readonly mirror: boolean;
  /** Factors are drawn from 1 − x to 1 + x; 0: no change. */
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  /** Degrees of the colour circle, drawn from −x to x. */
  readonly hue: number;
  /** One more operation per image, of a random strength (Müller & Hutter 2021). */
  readonly trivialAugment: boolean;
  /** Share of the images in which a rectangle is erased (Zhong et al. 2020). */
  readonly erasing: number;
}

export interface BatchRequest {
  readonly examples: readonly Example[];
  /** One 32-bit seed per example; the same seed gives the same pixels. */
  readonly seeds: readonly number[];
  /** Side of the network's square input, pixels. */
  readonly size: number;
}

export interface Batch {
  /** uint8 RGB [n, size, size, 3]. */
  readonly pixels: Uint8Array;
  /** Class indices, int32 [n]. */
  readonly labels: Int32Array;
  /** Of multi-label data: the classes of each image. */
  readonly sets?: readonly (readonly number[])[];
  readonly size: number;
}

/** Makes batches in worker threads, ahead of their reader. */
export interface Pipeline {
  /**
   * The batches of `requests`, in order; the next ones are prepared while one is used. Throws the
   * decoder's error for a file that cannot be decoded.
   */
  batches(requests: Iterable<BatchRequest>): AsyncGenerator<Batch>;
  close(): Promise<void>;
}
