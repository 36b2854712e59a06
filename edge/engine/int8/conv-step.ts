import { isPairedExact } from '../../../shared/model/int8/paired.ts';
import type { ConvLayer } from '../../../shared/model/network/layer.ts';
import { fillConvTable, fillFirstConvTable, tableLength } from './indirection.ts';
import type { DirectConv, Kernels } from './kernels.ts';
import { type ConvShape, convShape, packPanels } from './pack.ts';
import { type Context, inputOf, outputOf, type Step } from './step.ts';
import { takesWinograd } from './winograd/choice.ts';
import { winogradStep } from './winograd/step.ts';

/** A convolution, by the quickest kernel that is exact for its weights. */
export function convStep(layer: ConvLayer, context: Context): Step {
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
