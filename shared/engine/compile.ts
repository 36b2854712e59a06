/**
 * From a quantised network to kernel calls.
 * @module
 */
import { isPairedExact } from '@hebb/model/int8/paired';
import type { QuantizedModel } from '@hebb/model/int8/quantized-model';
import type {
  ConvLayer,
  GlobalAveragePoolLayer,
  InputLayer,
  Layer,
  LinearLayer,
  LrnLayer,
  MaxPoolLayer,
  SigmoidLayer,
  SoftmaxLayer,
} from '@hebb/model/network/layer';
import type { Arena } from './arena.ts';
import {
  borderBytes,
  type ConvShape,
  convShape,
  fillConvTable,
  fillFirstConvTable,
  packPanels,
  paddedInput,
  tableLength,
} from './conv-operands.ts';
import type { DirectConv, Kernels } from './kernels.ts';
import { planArena, planViews } from './memory-plan.ts';
import { type Context, inputOf, outputOf, type Place, type Step } from './step.ts';
import { takesWinograd } from './winograd/choice.ts';
import { winogradScratchBytes, winogradStep } from './winograd/step.ts';

export interface Program {
  readonly steps: readonly Step[];
  /** Address of the RGB pixels that `classify` copies in. */
  readonly pixels: number;
  readonly places: ReadonlyMap<string, Place>;
}

/**
 * Turns a quantised network into a list of kernel calls with fixed addresses.
 * @throws `model_unavailable` when the memory does not suffice
 */
export function compile(model: QuantizedModel, kernels: Kernels, arena: Arena): Program {
  const { network } = model;
  const { inputSize } = network.spec;
  const padded = paddedInput(network, kernels.winograd.first.side);
  const pixels = arena.reserve(inputSize ** 2 * 3);
  const border = arena.place(borderBytes(padded, model.zeroPoint));
  const views = planViews(network);
  const plan = planArena(network, views);
  const start = arena.reserve(plan.bytes);
  const places = new Map<string, Place>(
    network.layers.map(({ name }) => {
      const { buffer, channel, stride } = views.get(name)!;
      const address = name === 'input' ? border : start + plan.offsets.get(buffer)! + channel;
      return [name, { address, stride }];
    }),
  );
  const context: Context = {
    model,
    kernels,
    arena,
    places,
    pixels,
    padded,
    zeros: arena.reserve(Math.max(...network.layers.map((layer) => layer.inputShape[2]))),
    waste: arena.reserve(Math.max(...network.layers.map((layer) => layer.shape[2]))),
    winogradScratch: arena.reserve(winogradScratchBytes(network)),
  };
  const steps = network.layers.flatMap((layer) => stepOf(layer, context) ?? []);
  return { steps, pixels, places };
}

/** Undefined for concatenation and dropout, which need no call (memory-plan.ts). */
function stepOf(layer: Layer, context: Context): Step | undefined {
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
    case 'sigmoid':
      return answerStep(layer, context);
    default:
      return undefined;
  }
}

function inputStep(layer: InputLayer, context: Context): Step {
  const { kernels, pixels, padded } = context;
  const { padInput } = kernels;
  const [size] = layer.shape;
  const to = outputOf(layer, context).address + padded.firstPixel;
  return { layer, run: () => padInput(pixels, size, to, padded.rowBytes) };
}

/** A convolution by the fastest kernel that is exact for its weights. */
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
      run(table, taps, channels, weights, biases, multipliers, to.address, to.stride, pixels, out),
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
        from.address,
        height,
        width,
        channels,
        from.stride,
        size,
        stride,
        pad,
        to.address,
        outHeight,
        outWidth,
        to.stride,
      ),
  };
}

function lrnStep(layer: LrnLayer, context: Context): Step {
  const { lrn } = context.kernels;
  const { factors, squareScale, bias, multiplier } = context.model.lrn.get(layer.name)!;
  const [h, w, channels] = layer.shape;
  const scratch = context.arena.reserve(4 * channels + 32);
  const factor = context.arena.place(factors);
  const [from, to] = [inputOf(layer, context).address, outputOf(layer, context).address];
  return {
    layer,
    run: () => lrn(from, to, h * w, channels, factor, squareScale, bias, multiplier, scratch),
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

function answerStep(layer: SoftmaxLayer | SigmoidLayer, context: Context): Step {
  const answer = context.kernels[layer.kind];
  const classes = layer.shape[2];
  const [from, to] = [inputOf(layer, context).address, outputOf(layer, context).address];
  return { layer, run: () => answer(from, classes, to) };
}
