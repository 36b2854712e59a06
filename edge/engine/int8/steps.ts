/**
 * The kernel call of each kind of layer.
 * @module
 */
import { isPairedExact } from '../../../shared/model/int8/paired.ts';
import type { QuantizedModel } from '../../../shared/model/int8/quantized-model.ts';
import type {
  ConvLayer,
  GlobalAveragePoolLayer,
  InputLayer,
  Layer,
  LinearLayer,
  LrnLayer,
  MaxPoolLayer,
  SoftmaxLayer,
} from '../../../shared/model/network/layer.ts';
import type { Arena } from './arena.ts';
import { fillConvTable, fillFirstConvTable, tableLength } from './indirection.ts';
import type { ConvName, DirectConv, Kernels } from './kernels.ts';
import { type ConvShape, convShape, packPanels } from './pack.ts';
import type { PaddedInput } from './padded-input.ts';
import {
  blocksOf,
  placeInputTable,
  placeOutputTable,
  placeWinogradWeights,
  takesWinograd,
  tilingOf,
} from './winograd.ts';

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

/** Undefined for concatenation and dropout, which cost nothing (memory-plan.ts). */
export function stepOf(layer: Layer, context: Context): Step | undefined {
  switch (layer.kind) {
    case 'input':
      return inputStep(layer, context);
    case 'conv':
      return convStep(layer, context);
    case 'maxPool':
      return maxPoolStep(layer, context);
    case 'lrn':
      return lrnStep(layer, context);
    case 'globalAveragePool':
      return globalAveragePoolStep(layer, context);
    case 'linear':
      return linearStep(layer, context);
    case 'softmax':
      return softmaxStep(layer, context);
    default:
      return undefined;
  }
}

const inputOf = (layer: Layer, { places }: Context): Place => places.get(layer.inputs[0]!)!;
const outputOf = (layer: Layer, { places }: Context): Place => places.get(layer.name)!;

function inputStep(layer: InputLayer, context: Context): Step {
  const { kernels, pixels, padded } = context;
  const { padInput } = kernels;
  const [size] = layer.shape;
  const to = outputOf(layer, context).address + padded.firstPixel;
  return { layer, run: () => padInput(pixels, size, to, padded.rowBytes) };
}

function convStep(layer: ConvLayer, context: Context): Step {
  const { model, kernels, arena } = context;
  const { kernel, bias, multiplier } = model.weights.get(layer.name)!;
  if (takesWinograd(layer, kernel, kernels)) return winogradStep(layer, context);
  const shape = convShape(layer, kernel);
  const { taps, channels, rows } = shape;
  const { name, tile, run } = kernels.convs.get(chooseConv(shape, kernels))!;
  const weights = arena.place(packPanels(rows, layer.shape[2]));
  const [biases, multipliers] = [arena.place(bias), arena.place(multiplier)];
  const table = placeTable(layer, taps, tile, context);
  const to = outputOf(layer, context);
  const [h, w, out] = layer.shape;
  const pixels = Math.max(h * w, tile);
  return {
    layer,
    conv: name,
    run: () =>
      run(
        ...([table, taps, channels, weights, biases, multipliers] as const),
        ...([to.address, to.stride, pixels, out] as const),
      ),
  };
}

function winogradStep(layer: ConvLayer, context: Context): Step {
  const { model, kernels, arena, zeros, waste, winogradScratch: scratch } = context;
  const { run } = kernels.winograd;
  const { kernel, bias, multiplier } = model.weights.get(layer.name)!;
  const weights = placeWinogradWeights(layer, kernel, scratch, arena, kernels);
  const [biases, multipliers] = [arena.place(bias), arena.place(multiplier)];
  const from = placeInputTable(layer, inputOf(layer, context), zeros, arena, kernels);
  const to = placeOutputTable(layer, outputOf(layer, context), waste, arena, kernels);
  const { groups } = tilingOf(layer, kernels.winograd);
  const [blocks, channels, out] = [blocksOf(layer).length, layer.inputShape[2], layer.shape[2]];
  return {
    layer,
    conv: 'winograd',
    run: () =>
      run(
        ...([from, to, groups, blocks, channels] as const),
        ...([weights, biases, multipliers, out, scratch] as const),
      ),
  };
}

function chooseConv({ rows, taps, channels }: ConvShape, kernels: Kernels): DirectConv {
  const { preferred, fallback } = kernels;
  const exact =
    preferred !== 'paired' || (channels % 8 === 0 && isPairedExact(rows, taps * channels));
  return exact ? preferred : fallback;
}

function placeTable(layer: ConvLayer, taps: number, tile: number, context: Context): number {
  const { arena, padded, zeros } = context;
  const [h, w] = layer.shape;
  const length = tableLength(h * w, taps, tile);
  const address = arena.reserve(length * 4);
  const table = arena.words(address, length);
  const input = inputOf(layer, context);
  if (layer.inputs[0] === 'input') fillFirstConvTable(table, layer, tile, input.address, padded);
  else fillConvTable(table, layer, tile, input, zeros);
  return address;
}

function maxPoolStep(layer: MaxPoolLayer, context: Context): Step {
  const { maxPool } = context.kernels;
  const [from, to] = [inputOf(layer, context), outputOf(layer, context)];
  const [height, width, channels] = layer.inputShape;
  const [outHeight, outWidth] = layer.shape;
  const { size, stride, pad } = layer;
  return {
    layer,
    run: () =>
      maxPool(
        ...([from.address, height, width, channels, from.stride, size, stride, pad] as const),
        ...([to.address, outHeight, outWidth, to.stride] as const),
      ),
  };
}

function lrnStep(layer: LrnLayer, context: Context): Step {
  const { lrn } = context.kernels;
  const { squareScale, bias, multiplier } = context.model.lrn.get(layer.name)!;
  const [h, w, channels] = layer.shape;
  const scratch = context.arena.reserve(2 * channels + 32);
  const [from, to] = [inputOf(layer, context).address, outputOf(layer, context).address];
  return {
    layer,
    run: () => lrn(from, to, h * w, channels, squareScale, bias, multiplier, scratch),
  };
}

function globalAveragePoolStep(layer: GlobalAveragePoolLayer, context: Context): Step {
  const { globalAveragePool } = context.kernels;
  const [from, to] = [inputOf(layer, context), outputOf(layer, context)];
  const [h, w, channels] = layer.inputShape;
  const multiplier = context.model.averagePoolMultiplier;
  return {
    layer,
    run: () =>
      globalAveragePool(from.address, h * w, channels, from.stride, multiplier, to.address),
  };
}

function linearStep(layer: LinearLayer, context: Context): Step {
  const { linear } = context.kernels;
  const { kernel, bias, multiplier } = context.model.weights.get(layer.name)!;
  const classes = layer.shape[2];
  const channels = layer.inputShape[2];
  const padded = Math.ceil(classes / 8) * 8;
  const weights = context.arena.place(packPanels(kernel, classes));
  const biases = context.arena.reserve(padded * 4);
  context.arena.words(biases, classes).set(bias);
  const scales = context.arena.reserve(padded * 4);
  new Float32Array(context.arena.words(scales, classes).buffer, scales, classes).set(multiplier);
  const [from, to] = [inputOf(layer, context).address, outputOf(layer, context).address];
  return { layer, run: () => linear(from, channels, weights, biases, scales, to, padded) };
}

function softmaxStep(layer: SoftmaxLayer, context: Context): Step {
  const { softmax } = context.kernels;
  const classes = layer.shape[2];
  const [from, to] = [inputOf(layer, context).address, outputOf(layer, context).address];
  return { layer, run: () => softmax(from, classes, to) };
}
