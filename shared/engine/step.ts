/**
 * A kernel call, and what it is made from.
 * @module
 */
import type { QuantizedModel } from '@hebb/model/int8/quantized-model';
import type { Layer } from '@hebb/model/network/layer';
import type { Arena } from './arena.ts';
import type { PaddedInput } from './conv-operands.ts';
import type { ConvName, Kernels } from './kernels.ts';

/** One kernel call. */
export interface Step {
  readonly layer: Layer;
  /** The kernel of a convolution. */
  readonly conv?: ConvName;
  readonly run: () => void;
}

/** Where a layer's output lies in wasm memory. */
export interface Place {
  readonly address: number;
  /** Bytes from pixel to pixel. */
  readonly stride: number;
}

/** What all layers' steps are made from. */
export interface Context {
  readonly model: QuantizedModel;
  readonly kernels: Kernels;
  readonly arena: Arena;
  readonly places: ReadonlyMap<string, Place>;
  /** Address of the RGB pixels that `classify` copies in. */
  readonly pixels: number;
  readonly padded: PaddedInput;
  /** Address of zeros that padding reads, as many as the widest input has channels. */
  readonly zeros: number;
  /** Address to which tiles write pixels outside the output. */
  readonly waste: number;
  /** See `winogradScratchBytes`. */
  readonly winogradScratch: number;
}

/** Where a layer's first input lies. */
export const inputOf = (layer: Layer, { places }: Context): Place => places.get(layer.inputs[0]!)!;

/** Where a layer's output goes. */
export const outputOf = (layer: Layer, { places }: Context): Place => places.get(layer.name)!;
