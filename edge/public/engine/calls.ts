/**
 * What a page and the engine's Web Worker say to each other.
 * @module
 */

import type { Prediction } from '../../../shared/model/api/classification.ts';
import type { ErrorBody } from '../../../shared/model/errors.ts';
import type { Variant } from '../../../shared/model/network/variant.ts';
import type { Preprocessing } from '../../../shared/model/preprocess/preprocessing.ts';

/**
 * A file to be decoded, or what the network sees already: ImageData of exactly the input's size is
 * taken pixel by pixel.
 */
export type EngineImage = Blob | ImageData;

export interface EngineInfo {
  readonly name: string;
  readonly version: string;
  readonly variant: Variant;
  readonly labels: readonly string[];
  readonly classes: number;
  /** Side of the square input, pixels. */
  readonly inputSize: number;
  /** Which part of an image the input is. */
  readonly preprocessing: Preprocessing;
}

export interface BrowserAnswer {
  readonly predictions: readonly Prediction[];
  readonly timing: { readonly decode_ms: number; readonly infer_ms: number };
}

export interface OcclusionMap {
  /** Positions along a side of the grid. */
  readonly size: number;
  /** float32 [size, size]: how much the label's score falls with the patch there; negative: rises. */
  readonly drop: Float32Array;
  /** Side of the patch, pixels of the input. */
  readonly patch: number;
  /** The patch's left edge in each column, and its top in each row; pixels of the input. */
  readonly at: readonly number[];
  /** The label's score without a patch. */
  readonly score: number;
  /** What the network saw: the map lies over this, not over the whole photo. */
  readonly input: ImageData;
}

/** A layer's outputs for one image. */
export interface Activations {
  readonly layer: string;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /**
   * [height, width, channels]: 7-bit numbers, 0 to 127 (the input: pixels, 0 to 255); float32 logits and
   * probabilities of the last two layers.
   */
  readonly data: Uint8Array | Float32Array;
}

/** The calls, as the Web Worker answers them. */
export interface Calls {
  info(): Promise<EngineInfo>;
  crop(image: EngineImage): Promise<ImageData>;
  classify(image: EngineImage, options: { readonly top: number }): Promise<BrowserAnswer>;
  occlusion(image: EngineImage, options: { readonly label: number }): Promise<OcclusionMap>;
  activations(layer: string): Promise<Activations>;
}

export type CallName = keyof Calls;

/** To the Web Worker: first the API key, then calls, and which of them nobody waits for any more. */
export type ToEngine =
  | { readonly key: string | undefined }
  | { readonly id: number; readonly call: CallName; readonly args: readonly unknown[] }
  | { readonly id: number; readonly cancel: true };

export type FromEngine =
  | { readonly id: number; readonly done: number; readonly total: number }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ErrorBody['error'] };
