/**
 * The kernel call of each kind of layer.
 * @module
 */
import type {
  GlobalAveragePoolLayer,
  InputLayer,
  Layer,
  LinearLayer,
  LrnLayer,
  MaxPoolLayer,
  SoftmaxLayer,
} from '../../../shared/model/network/layer.ts';
import { convStep } from './conv-step.ts';
import { packPanels } from './pack.ts';
import { type Context, inputOf, outputOf, type Step } from './step.ts';

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

function inputStep(layer: InputLayer, context: Context): Step {
  const { kernels, pixels, padded } = context;
  const { padInput } = kernels;
  const [size] = layer.shape;
  const to = outputOf(layer, context).address + padded.firstPixel;
  return { layer, run: () => padInput(pixels, size, to, padded.rowBytes) };
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
