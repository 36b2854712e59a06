/**
 * The messages between a page and the engine's Web Worker.
 * @module
 */

import type { ErrorBody } from '@hebb/model/errors';
import type { Variant } from '@hebb/model/network/variant';
import type { Preprocessing } from '@hebb/model/preprocess/preprocessing';
import type { Prediction } from '@hebb/protocol/api/classification';

/** An image file, or pixels. ImageData of exactly the input's size is used unchanged. */
export type EngineImage = Blob | ImageData;

export interface EngineInfo {
  readonly name: string;
  readonly version: string;
  readonly variant: Variant;
  readonly labels: readonly string[];
  readonly classes: number;
  /** Side of the square input, pixels. */
  readonly inputSize: number;
  /** How an image is resized and cropped. */
  readonly preprocessing: Preprocessing;
}

export interface BrowserAnswer {
  readonly predictions: readonly Prediction[];
  /** Only from a multi-label model: the classes that the image shows. */
  readonly labels?: readonly Prediction[];
  readonly timing: { readonly decode_ms: number; readonly infer_ms: number };
}

export interface OcclusionMap {
  /** Positions along a side of the grid. */
  readonly size: number;
  /** float32 [size, size]: how far the label's score falls with the patch there; negative if it rises. */
  readonly drop: Float32Array;
  /** Side of the patch, pixels of the input. */
  readonly patch: number;
  /** The patch's left edge in each column and its top edge in each row, pixels of the input. */
  readonly at: readonly number[];
  /** The label's score without a patch. */
  readonly score: number;
  /** The network's input. The map covers this, not the whole photo. */
  readonly input: ImageData;
}

/** A layer's outputs for one image. */
export interface Activations {
  readonly layer: string;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /**
   * [height, width, channels]: 7-bit activations, 0 to 127; pixels, 0 to 255, of the input; float32 logits
   * and probabilities of the last two layers.
   */
  readonly data: Uint8Array | Float32Array;
}

/** The calls that the Web Worker answers. */
export interface Calls {
  info(): Promise<EngineInfo>;
  crop(image: EngineImage): Promise<ImageData>;
  classify(image: EngineImage, options: { readonly top: number }): Promise<BrowserAnswer>;
  occlusion(image: EngineImage, options: { readonly label: number }): Promise<OcclusionMap>;
  activations(layer: string): Promise<Activations>;
}

export type CallName = keyof Calls;

/** To the Web Worker: first the API key, then calls and cancellations of calls. */
export type ToEngine =
  | { readonly key: string | undefined }
  | { readonly id: number; readonly call: CallName; readonly args: readonly unknown[] }
  | { readonly id: number; readonly cancel: true };

/** From the Web Worker: progress, result or error of a call. */
export type FromEngine =
  | { readonly id: number; readonly done: number; readonly total: number }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ErrorBody['error'] };
