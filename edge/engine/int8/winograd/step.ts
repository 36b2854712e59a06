import { type Context, inputOf, outputOf, type Step } from '../step.ts';
import type { WinogradLayer } from './choice.ts';
import { placeInputTable, placeOutputTable } from './tables.ts';
import { tilingOf } from './tiling.ts';
import { blocksOf, placeWinogradWeights } from './weights.ts';

/** A convolution by Winograd. */
export function winogradStep(layer: WinogradLayer, context: Context): Step {
  const { model, kernels, arena, padded, zeros, waste, winogradScratch: scratch } = context;
  const { winograd } = kernels;
  const { kernel, bias, multiplier } = model.weights.get(layer.name)!;
  const tiling = tilingOf(layer, kernels);
  const { groups } = tiling;
  const weights = placeWinogradWeights(layer, kernel, scratch, arena, kernels);
  const [biases, multipliers] = [arena.place(bias), arena.place(multiplier)];
  const input = inputOf(layer, context);
  const output = { ...outputOf(layer, context), outside: waste };
  const to = placeOutputTable(layer, tiling, output, arena);
  const out = layer.shape[2];
  const sums = [weights, biases, multipliers, out, scratch] as const;
  if (layer.size === 7) {
    const [from, { rowBytes }, { rows, columns }] = [input.address, padded, tiling];
    const tiles = rows * columns;
    const run = () => winograd.first.run(from, rowBytes, columns, tiles, to, groups, ...sums);
    return { layer, conv: 'winograd', run };
  }
  const from = placeInputTable(layer, tiling, { ...input, outside: zeros }, arena);
  const [blocks, channels] = [blocksOf(layer).length, layer.inputShape[2]];
  const run = () => winograd.run(from, to, groups, blocks, channels, ...sums);
  return { layer, conv: 'winograd', run };
}
