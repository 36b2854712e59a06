/**
 * Moves factors of channels from activations into the weights that read them.
 * @module
 */
import {
  ACTIVATION_MAX,
  type ConvLayer,
  type LinearLayer,
  type LrnLayer,
  type Network,
  scaleOwner,
  type Tensor,
  type Tensors,
  tensorOf,
  WEIGHT_MAX,
} from '@hebb/model';
import { type Calibration, distributionsOf } from './calibrate.ts';
import { channelGroups } from './groups.ts';
import type { Distribution } from './histogram.ts';
import { type ActiveShare, beforeRelu, sensitivities } from './sensitivity.ts';

/**
 * The same network with the activations of channel groups divided by factors.
 * @param factors [channels] by the group's name; groups without factors stay as they are
 */
export function rescale(
  network: Network,
  weights: Tensors,
  factors: ReadonlyMap<string, Float64Array>,
): Tensors {
  const result = new Map<string, Tensor>(weights);
  const multiply = (name: string, factorOf: (index: number) => number): void => {
    const tensor = tensorOf(result, name, 'F32');
    result.set(name, { ...tensor, data: tensor.data.map((w, i) => w * factorOf(i)) });
  };
  for (const group of channelGroups(network)) {
    const factor = factors.get(group.name);
    if (!factor) continue;
    let first = 0;
    for (const { name, shape } of group.producers) {
      const [out, start] = [shape[2], first];
      multiply(`${name}/kernel`, (i) => 1 / factor[start + (i % out)]!);
      multiply(`${name}/bias`, (i) => 1 / factor[start + i]!);
      first += out;
    }
    for (const { name, shape } of group.consumers) {
      multiply(`${name}/kernel`, (i) => factor[Math.floor(i / shape[2]) % group.channels]!);
    }
  }
  return result;
}

/** How a channel's step follows from its own range and that of the whole tensor. */
interface StepRule {
  /** `max`: its largest value. `rms`: the root of its mean square, steadier with few images. */
  readonly range: 'max' | 'rms';
  /** 0: all channels get one step. 1: each channel gets its own, in proportion to its range. */
  readonly exponent: number;
}

const RULES: readonly StepRule[] = (['max', 'rms'] as const).flatMap((range) =>
  [0, 0.25, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1].map((exponent) => ({ range, exponent })),
);
/** Multiples of the range that 127 may stand for. */
const MARGINS = {
  max: [0.5, 0.6, 0.7, 0.85, 1, 1.2, 1.4],
  rms: [4, 5.6, 8, 11, 16, 22, 32, 45],
} as const;

/** Shares of the values that the ReLU passes on, on all calibration images. */
function activeShares(network: Network, halves: Calibration['halves']): ActiveShare {
  const convs = network.layers.filter(({ kind }) => kind === 'conv');
  const shares = new Map(
    convs.map(({ name }) => [
      name,
      distributionsOf(network, halves, name).map(({ activeShare }) => activeShare),
    ]),
  );
  return (layer, channel) => shares.get(layer)![channel]!;
}

/** With fewer images, half of them say too little, and the same images serve for both. */
const LEAST_IMAGES = 8;

/**
 * Chooses a step for every channel of every channel group: the real value of one level of its 7 bits.
 *
 * With its own step, a channel of small values is rounded finely. Its factor goes into the weights that read it
 * (cross-layer equalisation: Nagel et al. 2019, "Data-Free Quantization", section 4.1), which share one scale
 * per output channel, so their rounding gets coarser. A range seen on few images may be too small for others,
 * where it clips. So a rule is chosen for each group (as in SmoothQuant, Xiao et al. 2023) that minimises the
 * expected squared error of the logits by rounding, clipping, and rounding of weights. The steps follow from one
 * half of the calibration images; the error is that on the other half.
 * @returns [channels] by the group's name
 */
export function channelSteps(
  network: Network,
  weights: Tensors,
  { images, halves }: Calibration,
): Map<string, Float64Array> {
  const activeShare = activeShares(network, halves);
  const sensitivity = sensitivities(network, weights, activeShare);
  const result = new Map<string, Float64Array>();
  for (const { name, consumers } of channelGroups(network)) {
    const sides = halves.map((half) =>
      distributionsOf(network, images < LEAST_IMAGES ? halves : [half], name),
    );
    const own = sensitivity.get(name)!;
    const readers = consumers.map((layer) =>
      readerOf(layer, weights, beforeRelu(layer, sensitivity.get(layer.name)!, activeShare)),
    );
    let best = { cost: Number.POSITIVE_INFINITY, rule: RULES[0]!, margin: 1 };
    for (const rule of RULES) {
      const steps = sides.map((side) => stepsBy(rule, side));
      let weightsCost = 0;
      for (const [i, half] of steps.entries()) {
        for (const reader of readers) weightsCost += weightNoise(reader, half, sides[1 - i]!);
      }
      for (const margin of MARGINS[rule.range]) {
        let cost = weightsCost; // a margin cancels out: larger weights, smaller inputs
        for (const [i, side] of sides.entries()) {
          for (const [c, d] of side.entries())
            cost += own[c]! * d.error(margin * steps[1 - i]![c]!);
        }
        if (cost < best.cost) best = { cost, rule, margin };
      }
    }
    const steps = stepsBy(best.rule, distributionsOf(network, halves, name));
    const { margin } = best;
    result.set(
      name,
      steps.map((step) => margin * step),
    );
  }
  return result;
}

/**
 * Chooses a step for every channel of the tensors that LRN reads, which are in no channel group: LRN itself undoes
 * their factors (see `LrnConstants`). Here the rule is chosen that changes the output of LRN least, on samples of
 * its input: it damps large values, so their clipping matters less than the rounding of small ones.
 * @returns [channels] by the name of the layer that owns the scale
 */
export function lrnSteps(
  network: Network,
  weights: Tensors,
  { halves, lrnInputs }: Calibration,
): Map<string, Float64Array> {
  const sensitivity = sensitivities(network, weights, activeShares(network, halves));
  const result = new Map<string, Float64Array>();
  for (const layer of network.layers) {
    if (layer.kind !== 'lrn') continue;
    const samples = lrnInputs.get(layer.name)!;
    const importance = sensitivity.get(layer.name)!;
    const expected = normalised(layer, samples);
    const owner = scaleOwner(network, layer);
    const distributions = distributionsOf(network, halves, owner);
    let best = { cost: Number.POSITIVE_INFINITY, steps: new Float64Array() };
    for (const rule of RULES) {
      const plain = stepsBy(rule, distributions);
      for (const margin of MARGINS[rule.range]) {
        const steps = plain.map((step) => margin * step);
        const rounded = samples.map((v, i) => {
          const step = steps[i % steps.length]!;
          return step * Math.min(ACTIVATION_MAX, Math.round(v / step));
        });
        const output = normalised(layer, rounded);
        const cost = output.reduce(
          (sum, y, i) => sum + importance[i % steps.length]! * (y - expected[i]!) ** 2,
          0,
        );
        if (cost < best.cost) best = { cost, steps };
      }
    }
    result.set(owner, best.steps);
  }
  return result;
}

/** LRN of [pixels, channels]; beta is 0.75, the only one that is quantised. */
function normalised({ shape, size, alpha, bias }: LrnLayer, x: Float32Array): Float32Array {
  const channels = shape[2];
  const reach = size >> 1;
  const squares = x.map((v) => v * v);
  return x.map((v, i) => {
    const c = i % channels;
    let sum = 0;
    for (let d = Math.max(-reach, -c); d <= Math.min(reach, channels - 1 - c); d++) {
      sum += squares[i + d]!;
    }
    const root = Math.sqrt(bias + (alpha / size) * sum);
    return v / (root * Math.sqrt(root));
  });
}

/** Ranges below this share of the tensor's are taken for it: a channel that was hardly seen may still wake. */
const LEAST_RANGE = 1e-3;

/** The steps of a tensor's channels, with a margin of 1. */
function stepsBy({ range, exponent }: StepRule, channels: readonly Distribution[]): Float64Array {
  const ranges = channels.map((d) => (range === 'max' ? d.max : Math.sqrt(d.energy)));
  const top = Math.max(...ranges) || 1; // a dead tensor is always 0: any step works
  const alive = ranges.filter((r) => r > 0).map((r) => Math.max(r / top, LEAST_RANGE));
  const middle = Math.exp(alive.reduce((sum, r) => sum + Math.log(r), 0) / (alive.length || 1));
  return Float64Array.from(ranges, (r) => {
    const relative = r > 0 ? Math.max(r / top, LEAST_RANGE) : middle;
    return (top * relative ** exponent) / ACTIVATION_MAX;
  });
}

/** A layer with weights, as the rounding of its weights sees it. */
interface Reader {
  /** Largest |w| over the window, [channel, out]. */
  readonly largest: Float32Array;
  readonly taps: number;
  /** Sensitivity of each output. */
  readonly importance: Float64Array;
}

function readerOf(
  layer: ConvLayer | LinearLayer,
  weights: Tensors,
  importance: Float64Array,
): Reader {
  const { data } = tensorOf(weights, `${layer.name}/kernel`, 'F32');
  const largest = new Float32Array(layer.inputShape[2] * importance.length);
  for (let i = 0; i < data.length; i++) {
    const at = i % largest.length;
    largest[at] = Math.max(largest[at]!, Math.abs(data[i]!));
  }
  return { largest, taps: data.length / largest.length, importance };
}

/** Expected squared error by the rounding of weights: a step of weights, squared, over 12, times the inputs' squares. */
function weightNoise(
  { largest, taps, importance }: Reader,
  steps: Float64Array,
  channels: readonly Distribution[],
): number {
  const out = importance.length;
  const top = new Float64Array(out);
  let inputs = 0;
  for (const [c, step] of steps.entries()) {
    inputs += channels[c]!.energy / step ** 2;
    for (let o = 0; o < out; o++) top[o] = Math.max(top[o]!, largest[c * out + o]! * step);
  }
  const noise = top.reduce((sum, t, o) => sum + importance[o]! * (t / WEIGHT_MAX) ** 2, 0);
  return (noise / 12) * taps * inputs;
}
