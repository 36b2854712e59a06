import type { QuantizedModel } from '../../../shared/model/int8/quantized-model.ts';
import type { Arena } from './arena.ts';
import type { Kernels } from './kernels.ts';
import { planArena, planViews } from './memory-plan.ts';
import { borderBytes, paddedInput } from './padded-input.ts';
import type { Context, Place, Step } from './step.ts';
import { stepOf } from './steps.ts';
import { winogradScratchBytes } from './winograd/weights.ts';

export interface Program {
  readonly steps: readonly Step[];
  /** Address that the RGB pixels are copied to. */
  readonly pixels: number;
  readonly places: ReadonlyMap<string, Place>;
}

/** Turns a quantised network into a list of kernel calls with every address settled. */
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
