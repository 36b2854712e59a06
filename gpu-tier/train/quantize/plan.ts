/**
 * All decisions of a quantisation, and the int8 tensors that follow from them.
 * @module
 */
import {
  ACTIVATION_MAX,
  activationScales,
  firstConvRows,
  type Layer,
  type Network,
  type Tensors,
  tensorOf,
} from '@hebb/model';
import { type Calibration, distributionsOf } from './calibrate.ts';
import { rescale } from './equalise.ts';
import type { FloatModel } from './float-network.ts';
import { channelGroups } from './groups.ts';
import type { Distribution } from './histogram.ts';
import { quantize, realRows } from './quantize.ts';
import { type QuantizedRows, quantizeRows } from './weights.ts';

/** Rule for the clipping value of a tensor. */
export type ScaleRule =
  | { readonly rule: 'percentile'; readonly percent: number }
  | { readonly rule: 'mse' };

/** What a training for int8 has chosen. */
export interface TrainedScales {
  /** The largest activation that 7 bits represent, by layer. */
  readonly clips: ReadonlyMap<string, number>;
  /** Scale of each output channel's weights, float32 [out], by layer. The weights are multiples of it. */
  readonly weights: ReadonlyMap<string, Float32Array>;
}

export interface Plan {
  /** Real value of a step of a tensor, by the layer that owns it. With factors: of the rescaled tensor. */
  readonly scales: ReadonlyMap<string, number>;
  /** What the channels of a group are divided by, [channels] by the group's name. */
  readonly factors: ReadonlyMap<string, Float64Array>;
  /** What the steps of single channels are of the scale, [channels] by layer, for layers that LRN reads. */
  readonly lrnFactors?: ReadonlyMap<string, Float64Array>;
  /** Added to the bias of each output channel, real numbers of the rescaled network. */
  readonly biasShift?: ReadonlyMap<string, Float64Array>;
  /** Weights that were not rounded to the nearest. */
  readonly rows?: ReadonlyMap<string, QuantizedRows>;
}

/** The int8 tensors of a plan (layout: shared/model/int8/quantized-model.ts). */
export function planTensors(model: FloatModel, plan: Plan): Tensors {
  const { weights, nearest } = rescaledWeights(model, plan);
  return quantize(model.network, weights, model.preprocessing, {
    activationScale: (name) => plan.scales.get(name)!,
    rowsOf: ({ name }) => plan.rows?.get(name) ?? nearest.get(name)!,
    ...(plan.lrnFactors && { channelFactors: plan.lrnFactors }),
    ...(plan.biasShift && { biasShift: plan.biasShift }),
  });
}

/** The float32 weights of the rescaled network, and the same rounded to the nearest integers. */
interface RescaledWeights {
  readonly weights: Tensors;
  readonly nearest: ReadonlyMap<string, QuantizedRows>;
}

/** Many plans have the same factors, and their weights are the greater part of the work. */
const rescaled = new WeakMap<Plan['factors'], RescaledWeights>();

/** The weights of a plan whose activations are divided by its factors. */
export function rescaledWeights(
  { network, weights, preprocessing }: FloatModel,
  { factors }: Pick<Plan, 'factors'>,
): RescaledWeights {
  const kept = rescaled.get(factors);
  if (kept) return kept;
  const moved = rescale(network, weights, factors);
  const nearest = new Map<string, QuantizedRows>();
  for (const layer of network.layers) {
    if (layer.kind !== 'conv' && layer.kind !== 'linear') continue;
    const arrange = layer.inputs[0] === 'input' ? firstConvRows : undefined;
    const rows = realRows(layer, moved, preprocessing);
    nearest.set(layer.name, quantizeRows(rows, layer.shape[2], arrange));
  }
  const result = { weights: moved, nearest };
  rescaled.set(factors, result);
  return result;
}

/** One scale for each tensor, by the rule. */
export function plainPlan(network: Network, { halves }: Calibration, rule: ScaleRule): Plan {
  const scales = new Map<string, number>();
  activationScales(network, (name) => {
    if (!scales.has(name)) scales.set(name, scaleOf(distributionsOf(network, halves, name), rule));
    return scales.get(name)!;
  });
  return { scales, factors: new Map() };
}

/** The scales of a training for int8, whose float32 weights are multiples of their scales. */
export function trainedPlan(
  { network, weights, preprocessing }: FloatModel,
  { clips, weights: steps }: TrainedScales,
): Plan {
  const scales = new Map<string, number>();
  activationScales(network, (name) => {
    scales.set(name, clips.get(name)! / ACTIVATION_MAX);
    return scales.get(name)!;
  });
  const rows = new Map<string, QuantizedRows>();
  for (const layer of network.layers) {
    if (layer.kind !== 'conv' && layer.kind !== 'linear') continue;
    const arrange = layer.inputs[0] === 'input' ? firstConvRows : undefined;
    const real = realRows(layer, weights, preprocessing);
    const own = steps.get(layer.name);
    rows.set(layer.name, quantizeRows(real, layer.shape[2], arrange, own));
  }
  return { scales, factors: new Map(), rows };
}

/**
 * The plan with a step of its own for each channel of the groups.
 * @param steps [channels] by the group's name
 */
export function withSteps(
  plan: Plan,
  network: Network,
  { halves }: Calibration,
  steps: ReadonlyMap<string, Float64Array>,
  rule: ScaleRule,
): Plan {
  const scales = new Map(plan.scales);
  const factors = new Map<string, Float64Array>();
  for (const { name, average } of channelGroups(network)) {
    const own = steps.get(name)!;
    const largest = own.reduce((a, b) => Math.max(a, b));
    const factor = own.map((step) => step / largest);
    scales.set(name, largest);
    factors.set(name, factor);
    if (average !== undefined) {
      scales.set(average, scaleOf(distributionsOf(network, halves, average), rule, factor));
    }
  }
  return { scales, factors };
}

/**
 * The plan with a step of its own for each channel of what LRN reads.
 * @param steps [channels] by the layer that owns the scale
 */
export function withLrnSteps(plan: Plan, steps: ReadonlyMap<string, Float64Array>): Plan {
  const scales = new Map(plan.scales);
  const lrnFactors = new Map<string, Float64Array>();
  for (const [name, own] of steps) {
    const largest = own.reduce((a, b) => Math.max(a, b));
    scales.set(name, largest);
    lrnFactors.set(
      name,
      own.map((step) => step / largest),
    );
  }
  return { ...plan, scales, lrnFactors };
}

/**
 * The scale of a tensor by the rule.
 * @param factors what its channels are divided by
 */
function scaleOf(
  channels: readonly Distribution[],
  rule: ScaleRule,
  factors: Float64Array = new Float64Array(channels.length).fill(1),
): number {
  const max = channels.reduce((m, d, c) => Math.max(m, d.max / factors[c]!), 0);
  if (max === 0) return 1; // a dead layer is always 0: any scale works
  if (rule.rule === 'mse') return leastError(channels, factors, max) / ACTIVATION_MAX;
  const values = channels.reduce((sum, { pixels }) => sum + pixels, 0);
  const clipped = values * (1 - rule.percent / 100);
  // Bisection: the largest clip that is exceeded by more values than that, then the next one.
  let [low, high] = [0, max];
  for (let i = 0; i < 30; i++) {
    const middle = (low + high) / 2;
    const above = channels.reduce((n, d, c) => n + d.countAbove(middle * factors[c]!), 0);
    if (above > clipped) low = middle;
    else high = middle;
  }
  return high / ACTIVATION_MAX;
}

/** The clipping value with the smallest squared error. */
function leastError(channels: readonly Distribution[], factors: Float64Array, max: number): number {
  let best = { clip: max, error: Number.POSITIVE_INFINITY };
  for (let percent = 5; percent <= 100; percent++) {
    const clip = (max * percent) / 100;
    const step = clip / ACTIVATION_MAX;
    const error = channels.reduce((sum, d, c) => {
      return sum + d.error(step * factors[c]!) / factors[c]! ** 2;
    }, 0);
    if (error < best.error) best = { clip, error };
  }
  return best.clip;
}

/**
 * Real value of one step of each channel of a layer's int8 output.
 * @returns [channels]; undefined for the classifier and softmax
 */
export function channelStepsOf(
  network: Network,
  { scales, factors, lrnFactors }: Plan,
): (layer: Layer) => Float64Array | undefined {
  const all = activationScales(network, (name) => scales.get(name)!);
  const steps = new Map<string, Float64Array>();
  for (const layer of network.layers) {
    const scale = all.get(layer.name);
    if (scale !== undefined) steps.set(layer.name, new Float64Array(layer.shape[2]).fill(scale));
  }
  for (const [name, factor] of lrnFactors ?? []) {
    const own = steps.get(name)!;
    steps.set(
      name,
      own.map((step, c) => step * factor[c]!),
    );
  }
  for (const { name, producers, average } of channelGroups(network)) {
    const factor = factors.get(name);
    if (!factor) continue;
    let first = 0;
    for (const { name: producer, shape } of producers) {
      const start = first;
      const own = steps.get(producer)!;
      steps.set(
        producer,
        own.map((step, c) => step * factor[start + c]!),
      );
      first += shape[2];
    }
    const whole = average === undefined ? [name] : [name, average];
    for (const tensor of new Set(whole)) {
      if (producers.some((p) => p.name === tensor)) continue;
      const own = steps.get(tensor)!;
      steps.set(
        tensor,
        own.map((step, c) => step * factor[c]!),
      );
    }
  }
  // Pooling and dropout keep the steps of their input.
  for (const layer of network.layers) {
    if (layer.kind === 'maxPool' || layer.kind === 'dropout') {
      steps.set(layer.name, steps.get(layer.inputs[0]!)!);
    }
  }
  return (layer) => steps.get(layer.name);
}

/**
 * How far rounding and clipping shift the mean output of each layer, which its bias can take back (Nagel et al.
 * 2019, section 4.2). Rounding of weights and of the layer's input count; both are known from the calibration.
 * @returns the correction [out] by layer, for the rescaled network
 */
export function biasShift(
  model: FloatModel,
  { halves, colour }: Calibration,
  plan: Plan,
): Map<string, Float64Array> {
  const { network, preprocessing } = model;
  const { weights } = rescaledWeights(model, plan);
  const tensors = planTensors(model, plan);
  const stepsOf = channelStepsOf(network, plan);
  const scales = activationScales(network, (name) => plan.scales.get(name)!);
  const byName = new Map(network.layers.map((layer) => [layer.name, layer]));
  const result = new Map<string, Float64Array>();
  for (const layer of network.layers) {
    if (layer.kind !== 'conv' && layer.kind !== 'linear') continue;
    const input = byName.get(layer.inputs[0]!)!;
    const rows = realRows(layer, weights, preprocessing);
    const { data: kernel } = tensorOf(tensors, `${layer.name}/kernel`, 'I8');
    const { data: scale } = tensorOf(tensors, `${layer.name}/scale`, 'F32');
    const means = meansOf();
    const depth = rows.length / scale.length;
    result.set(
      layer.name,
      Float64Array.from(scale, (s, o) => {
        let shift = 0;
        for (let i = o * depth; i < (o + 1) * depth; i++) {
          const { float, int8 } = means[i % means.length]!;
          shift += rows[i]! * float - kernel[i]! * s * int8;
        }
        return shift;
      }),
    );

    /** The mean of each channel of the rescaled input, before and after rounding. */
    function meansOf(): { float: number; int8: number }[] {
      if (input.kind === 'input') {
        return colour.map((mean, c) => {
          const centred = mean - preprocessing.mean[c]!;
          return { float: centred, int8: centred };
        });
      }
      const steps = stepsOf(input)!;
      const scaleOfInput = scales.get(input.name)!;
      return distributionsOf(network, halves, input.name).map((d, c) => {
        const factor = steps[c]! / scaleOfInput;
        return { float: d.mean / factor, int8: d.roundedMean(steps[c]!) / factor };
      });
    }
  }
  return result;
}
