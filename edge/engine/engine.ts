/**
 * What every engine of the edge offers, whatever it computes with.
 * @module
 */

import type { EngineName } from '../../shared/model/api/options.ts';

export type { EngineName };

export interface Engine {
  readonly name: EngineName;
  /** Side of the square input, pixels. */
  readonly inputSize: number;
  readonly classes: number;
  /**
   * Probabilities, float32 [classes], of one image: uint8 RGB [inputSize, inputSize, 3], raw
   * pixels 0..255 (normalisation is the engine's business). The result is the caller's to keep.
   */
  classify(pixels: Uint8Array): Float32Array;
  /** Bytes that the engine holds: its wasm memory, weights and tables. */
  memoryBytes(): number;
}
