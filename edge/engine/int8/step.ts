/**
 * What the kernel calls of all layers are made from.
 * @module
 */
import type { QuantizedModel } from '../../../shared/model/int8/quantized-model.ts';
import type { Layer } from '../../../shared/model/network/layer.ts';
import type { Arena } from './arena.ts';
import type { ConvName, Kernels } from './kernels.ts';
import type { PaddedInput } from './padded-input.ts';

/** One kernel call. */
export interface Step {
  readonly layer: Layer;
  /** Which convolution kernel runs, for convolutions. */
  readonly conv?: ConvName;
  readonly run: () => void;
}

/** Where a layer's output lies in wasm memory. */
export interface Place {
  readonly address: number;
  /** Bytes from pixel to pixel. */
  readonly stride: number;
}

/** What the steps are made from. */
export interface Context {
  readonly model: QuantizedModel;
  readonly kernels: Kernels;
  readonly arena: Arena;
  readonly places: ReadonlyMap<string, Place>;
  /** Address that the RGB pixels are copied to. */
  readonly pixels: number;
  readonly padded: PaddedInput;
  /** Zeros that padding reads, as wide as the widest padded input. */
  readonly zeros: number;
  /** Where tiles write the pixels that the image does not have. */
  readonly waste: number;
  /** See `winogradScratchBytes`. */
  readonly winogradScratch: number;
}

/** Where a layer's first input lies. */
export const inputOf = (layer: Layer, { places }: Context): Place => places.get(layer.inputs[0]!)!;

/** Where a layer's output goes. */
export const outputOf = (layer: Layer, { places }: Context): Place => places.get(layer.name)!;
