/**
 * How much memory an engine will take, computed from its network, without the weights.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { ENGINE_BUDGET_BYTES } from '@hebb/model/int8/budget';
import { FIRST_CONV } from '@hebb/model/int8/first-conv';
import { googlenet, type Network, type NetworkSpec } from '@hebb/model/network/googlenet';
import type { ConvLayer, Layer } from '@hebb/model/network/layer';
import type { FileDigest } from '@hebb/model/package/manifest';
import { ARENA_START, PAGE } from './arena.ts';
import { paddedInput, tableLength } from './conv-operands.ts';
import { instantiateKernels, type KernelChoice, type Kernels } from './kernels.ts';
import { align, planArena, planViews } from './memory-plan.ts';
import { isWinogradShape, POSITIONS, tilingOf } from './winograd/choice.ts';
import {
  depthOf,
  inputTableLength,
  outputTableLength,
  winogradScratchBytes,
} from './winograd/step.ts';

/**
 * Bytes of WebAssembly memory that the engine of a network takes with this choice, on the CPU where it
 * takes most, since the CPU decides whether Winograd is used. (The weights do not: every such layer of
 * GoogLeNet is exact for any weights, see winograd/choice.ts.)
 * @param module either build of the kernels
 */
export function plannedBytes(
  module: WebAssembly.Module,
  spec: NetworkSpec,
  choice: KernelChoice,
): number {
  const network = googlenet({ ...spec, folded: true });
  const totals = (['dot', 'paired'] as const).map((conv) => {
    const kernels = instantiateKernels(module, { conv, ...choice });
    return totalBytes(network, kernels);
  });
  return Math.max(...totals);
}

function totalBytes(network: Network, kernels: Kernels): number {
  const { rows, rowBytes } = paddedInput(network, kernels.winograd.first.side);
  const widest = (side: 'inputShape' | 'shape') =>
    Math.max(...network.layers.map((layer) => layer[side][2]));
  const places = [
    network.spec.inputSize ** 2 * 3,
    rows * rowBytes,
    planArena(network, planViews(network)).bytes,
    widest('inputShape'),
    widest('shape'),
    winogradScratchBytes(network),
    ...network.layers.flatMap((layer) => placesOf(layer, kernels)),
  ];
  const bytes = places.reduce((sum, place) => sum + align(place), ARENA_START);
  return Math.max(Math.ceil(bytes / PAGE) * PAGE, kernels.memory.buffer.byteLength);
}

/** Bytes of each place that the step of a layer reserves (compile.ts, winograd/step.ts). */
function placesOf(layer: Layer, kernels: Kernels): number[] {
  const out = layer.shape[2];
  if (layer.kind === 'lrn') return [4 * out + 32, 4 * out];
  if (layer.kind === 'linear') {
    const padded = Math.ceil(out / 8) * 8;
    return [padded * layer.inputShape[2], padded * 4, padded * 4];
  }
  if (layer.kind !== 'conv') return [];
  return [...(winogradPlaces(layer, kernels) ?? directPlaces(layer, kernels)), out * 4, out * 4];
}

function directPlaces(layer: ConvLayer, kernels: Kernels): number[] {
  const [height, width, out] = layer.shape;
  const own = { taps: layer.size ** 2, channels: layer.inputShape[2] };
  const { taps, channels } = layer.inputs[0] === 'input' ? FIRST_CONV : own; // conv-operands.ts
  const tables = [...kernels.convs.values()].map(({ tile }) =>
    tableLength(height * width, taps, tile),
  );
  return [Math.ceil(out / 8) * 8 * taps * channels, 4 * Math.max(...tables)];
}

function winogradPlaces(layer: ConvLayer, kernels: Kernels): number[] | undefined {
  if (!isWinogradShape(layer)) return undefined;
  const tiling = tilingOf(layer, kernels);
  if (tiling.rows * tiling.columns < kernels.winograd.fromTiles[layer.size]) return undefined;
  const places = [POSITIONS * depthOf(layer) * layer.shape[2] * 2, 4 * outputTableLength(tiling)];
  return layer.size === 7 ? places : [...places, 4 * inputTableLength(layer, tiling)];
}

/**
 * Checks that the edge's engine (`lean`) fits into its share of an isolate's memory.
 * @param file the int8 weights, all of which the engine holds
 * @throws `model_too_large` if it does not
 */
export function checkEngineFits(
  module: WebAssembly.Module,
  spec: NetworkSpec,
  file: FileDigest | undefined,
): void {
  const bytes = Math.max(plannedBytes(module, spec, { lean: true }), file?.bytes ?? 0);
  if (bytes <= ENGINE_BUDGET_BYTES) return;
  const { inputSize, classes } = spec;
  throw new HebbError(
    'model_too_large',
    `The int8 engine of ${inputSize}×${inputSize} pixels and ${classes} classes takes ${megabytes(bytes)}; an isolate of the edge has ${megabytes(ENGINE_BUDGET_BYTES)} for it.`,
  );
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
