/**
 * Improves a quantisation step by step. Each step is measured on images that the calibration has not seen, and
 * taken only if it brings the int8 network's answers closer to float32.
 * @module
 */
import {
  activationScales,
  answerLayer,
  type Network,
  type QuantizationStep,
  type Tensors,
} from '@hebb/model';
import type { Calibration } from './calibrate.ts';
import { channelSteps, lrnSteps } from './equalise.ts';
import { closeness } from './evaluate.ts';
import type { FloatModel, FloatNetwork } from './float-network.ts';
import { channelGroups } from './groups.ts';
import {
  biasShift,
  type Plan,
  plainPlan,
  planTensors,
  type ScaleRule,
  type TrainedScales,
  trainedPlan,
  withLrnSteps,
  withSteps,
} from './plan.ts';
import { roundWeights } from './round.ts';

/** The images that steps are measured on. */
export interface HeldOut {
  readonly images: readonly Uint8Array[];
  /** The float32 network's logits [classes] for each. */
  readonly logits: readonly Float32Array[];
  /** The correct class of each, where it is known. */
  readonly labels: readonly (number | undefined)[];
}

export interface ImproveOptions {
  readonly rule: ScaleRule;
  readonly biasCorrection: boolean | 'auto';
  readonly trained?: TrainedScales;
  /** The int8 network's logits [classes] for images. */
  readonly logits: (
    images: readonly Uint8Array[],
    int8: Tensors,
  ) => Promise<readonly Float32Array[]>;
  /** What the layers of the int8 network read of the calibration images; see `roundWeights`. */
  readonly windows: (int8: Tensors) => Promise<ReadonlyMap<string, readonly Uint8Array[]>>;
  readonly product: FloatNetwork['product'];
  /** Called with the number of measurements that are done. */
  readonly onMeasured: (done: number) => void;
}

export interface Improved {
  readonly plan: Plan;
  readonly tensors: Tensors;
  readonly steps: readonly QuantizationStep[];
  /** Whether the plan is that of a training for int8. */
  readonly trained: boolean;
}

/** Multiples of a scale that are tried. */
const MULTIPLES = [0.84, 1.19];

/** Number of measurements that `improve` makes at most. */
export const measurements = (
  network: Network,
  bias: boolean | 'auto',
  trained?: TrainedScales,
): number =>
  3 +
  (trained ? 1 : 0) +
  (network.layers.some(({ kind }) => kind === 'lrn') ? 1 : 0) +
  MULTIPLES.length * searched(network).length +
  (bias === false ? 0 : 1);

/**
 * The tensors whose scale is searched: those of all channel groups together, and each of the others. What LRN
 * writes has a narrow range, so its scale hardly matters (0.03 of 13 thousandths of a nat with the BVLC weights).
 */
function searched(network: Network): string[][] {
  const groups = channelGroups(network).map(({ name }) => name);
  const others: string[] = [];
  const lrns = network.layers.filter(({ kind }) => kind === 'lrn').map(({ name }) => name);
  activationScales(network, (name) => {
    if (![...groups, ...lrns, ...others].includes(name)) others.push(name);
    return 1;
  });
  return [groups, ...others.map((name) => [name])];
}

function scaled(plan: Plan, layers: readonly string[], multiple: number): Plan {
  const scales = new Map(plan.scales);
  for (const name of layers) scales.set(name, scales.get(name)! * multiple);
  return { ...plan, scales };
}

/** The plan that answers most like float32, and what each step gave. */
export async function improve(
  model: FloatModel,
  calibration: Calibration,
  heldOut: HeldOut,
  options: ImproveOptions,
): Promise<Improved> {
  const { network, weights } = model;
  const { rule, biasCorrection, trained } = options;
  const answer = answerLayer(network.spec);
  let measured = 0;
  const measure = async (plan: Plan) => {
    const tensors = planTensors(model, plan);
    const logits = await options.logits(heldOut.images, tensors);
    measured++;
    options.onMeasured(measured);
    return { plan, tensors, result: closeness(heldOut.logits, logits, heldOut.labels, answer) };
  };
  let best = await measure(plainPlan(network, calibration, rule));
  const steps: QuantizationStep[] = [{ step: 'one scale per tensor', taken: true, ...best.result }];
  /** Tries the candidates, and records the best of them. */
  const step = async (name: string, candidates: readonly Plan[], forced = false) => {
    let closest: typeof best | undefined;
    for (const plan of candidates) {
      const tried = await measure(plan);
      if (!closest || tried.result.decibels > closest.result.decibels) closest = tried;
    }
    const taken = forced || closest!.result.decibels > best.result.decibels;
    steps.push({ step: name, taken, ...closest!.result });
    if (taken) best = closest!;
  };

  const chosen = channelSteps(network, weights, calibration);
  const plain = best.plan;
  await step('a step per channel', [withSteps(plain, network, calibration, chosen, rule)]);

  const before = lrnSteps(network, weights, calibration);
  if (before.size > 0) {
    await step('a step per channel before LRN', [withLrnSteps(best.plan, before)]);
  }

  const unsearched = best;
  for (const layers of searched(network)) {
    for (const multiple of MULTIPLES) {
      const tried = await measure(scaled(best.plan, layers, multiple));
      if (tried.result.decibels <= best.result.decibels) continue;
      best = tried;
      break;
    }
  }
  steps.push({ step: 'scale search', taken: best !== unsearched, ...best.result });

  const windows = await options.windows(best.tensors);
  const rows = roundWeights(model, best.plan, windows, options.product);
  await step('rounding by reconstruction', [{ ...best.plan, rows }]);

  if (biasCorrection !== false) {
    const plan = { ...best.plan, biasShift: biasShift(model, calibration, best.plan) };
    await step('bias correction', [plan], biasCorrection === true);
  }

  const others = best;
  if (trained) await step('scales of the training', [trainedPlan(model, trained)]);
  return { plan: best.plan, tensors: best.tensors, steps, trained: best !== others };
}
