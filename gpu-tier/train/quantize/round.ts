/**
 * Rounds a layer's weights so that its outputs change least, instead of each weight to its nearest integer: what one
 * weight's rounding adds, another's can take back, since their inputs are correlated. The objective is that of
 * AdaRound (Nagel et al. 2020, equation 13) and GPTQ (Frantar et al. 2023, equation 1); it is minimised by
 * coordinate descent, as in QuantEase (Behdin et al. 2023), which never makes it larger.
 * @module
 */
import {
  type ConvLayer,
  type LinearLayer,
  PAIRED_WEIGHT_SUM,
  tensorOf,
  WEIGHT_MAX,
} from '@hebb/model';
import type { FloatModel, FloatNetwork } from './float-network.ts';
import { type Plan, rescaledWeights } from './plan.ts';
import { realRows } from './quantize.ts';
import type { QuantizedRows } from './weights.ts';
import { windowsKey } from './windows.ts';

/** Added to the diagonal, as a share of its mean: keeps the rounding from fitting the noise of few samples. */
const DAMPING = 0.01;
/** Rounds of the descent; the first one finds most of the gain. */
const PASSES = 3;

/**
 * The covariance of a layer's inputs.
 * @param gram sum of x · xᵀ over the samples [depth, depth]
 * @param sums sum of x over the samples [depth]
 * @param samples their number
 */
export function covariance(gram: Float32Array, sums: Float64Array, samples: number): Float32Array {
  const depth = sums.length;
  const result = new Float32Array(gram.length);
  let trace = 0;
  for (let i = 0; i < depth; i++) {
    for (let j = 0; j < depth; j++) {
      result[i * depth + j] = (gram[i * depth + j]! - (sums[i]! * sums[j]!) / samples) / samples;
    }
    trace += result[i * depth + i]!;
  }
  for (let i = 0; i < depth; i++) result[i * depth + i]! += (DAMPING * trace) / depth + 1e-9;
  return result;
}

/**
 * Moves rounded weights by whole steps while that lowers (q − w)ᵀ H (q − w), each by less than one step away from
 * its real value.
 * @param rows int8 [depth], changed in place
 * @param real the weights in steps, [depth]
 * @param gradient H · (q − w), [depth]; changed in place
 * @param h covariance of the inputs, [depth, depth]
 * @param paired whether the rule of shared/model/int8/paired.ts holds and must be kept
 */
export function reconstruct(
  rows: Int8Array,
  real: Float32Array,
  gradient: Float32Array,
  h: Float32Array,
  paired: boolean,
): void {
  const depth = rows.length;
  for (let pass = 0; pass < PASSES; pass++) {
    let moved = 0;
    for (let i = 0; i < depth; i++) {
      const pull = gradient[i]!;
      const move = pull > 0 ? -1 : 1;
      // A step changes the objective by 2 · move · pull + h.
      if (Math.abs(pull) <= h[i * depth + i]! / 2) continue;
      const to = rows[i]! + move;
      if (Math.abs(to) > WEIGHT_MAX || Math.abs(to - real[i]!) >= 1) continue;
      if (paired && !keepsPairs(rows, i, to)) continue;
      rows[i] = to;
      const column = i * depth; // h is symmetric
      for (let j = 0; j < depth; j++) gradient[j]! += move * h[column + j]!;
      moved++;
    }
    if (moved === 0) return;
  }
}

/** Whether weight `at` may become `to`: the sum of its sign in its lane of four; see paired.ts. */
function keepsPairs(rows: Int8Array, at: number, to: number): boolean {
  const first = at - (at % 8) + (at & 2);
  let sum = 0;
  for (const i of [first, first + 1, first + 4, first + 5]) {
    const w = i === at ? to : rows[i]!;
    if (w > 0 === to > 0) sum += Math.abs(w);
  }
  return sum <= PAIRED_WEIGHT_SUM;
}

/** Most samples that a covariance is made of. */
const SAMPLES = 4096;
/** Fewer samples per weight of a row would fit their noise: such a layer's weights stay at the nearest integer. */
const LEAST_SAMPLES = 2;

/** Pixels of each image that `roundWeights` needs. */
export const pixelsNeeded = (images: number): number => Math.min(64, Math.ceil(SAMPLES / images));

/**
 * Weights rounded by reconstruction, of all layers that have enough samples.
 * @param windows what its layers read, part by part
 * @param product aᵀ · b of float32 [m, n] and [m, p]; see `FloatNetwork`
 */
export function roundWeights(
  model: FloatModel,
  plan: Pick<Plan, 'factors'>,
  windows: ReadonlyMap<string, readonly Uint8Array[]>,
  product: FloatNetwork['product'],
): Map<string, QuantizedRows> {
  const { network, preprocessing } = model;
  const { weights, nearest } = rescaledWeights(model, plan);
  const result = new Map<string, QuantizedRows>();
  for (const [key, parts] of windows) {
    const layers = network.layers.filter(
      (l): l is ConvLayer | LinearLayer =>
        (l.kind === 'conv' || l.kind === 'linear') && windowsKey(l) === key,
    );
    const first = layers[0]!;
    const depth = tensorOf(weights, `${first.name}/kernel`, 'F32').data.length / first.shape[2];
    const x = new Float32Array(Buffer.concat(parts));
    const samples = x.length / depth;
    if (samples < LEAST_SAMPLES * depth) continue;
    const sums = new Float64Array(depth);
    for (let from = 0; from < x.length; from += depth) {
      for (let i = 0; i < depth; i++) sums[i]! += x[from + i]!;
    }
    const h = covariance(product(x, x, samples), sums, samples);
    for (const layer of layers) {
      const out = layer.shape[2];
      const { rows: start, scale } = nearest.get(layer.name)!;
      const rows = start.slice();
      const real = realRows(layer, weights, preprocessing).map(
        (w, i) => w / scale[Math.floor(i / depth)]!,
      );
      const errors = new Float32Array(rows.length); // [depth, out]
      for (let i = 0; i < rows.length; i++) {
        errors[(i % depth) * out + Math.floor(i / depth)] = rows[i]! - real[i]!;
      }
      const gradients = product(h, errors, depth);
      for (let o = 0; o < out; o++) {
        const [from, to] = [o * depth, (o + 1) * depth];
        const gradient = Float32Array.from({ length: depth }, (_, i) => gradients[i * out + o]!);
        const row = rows.subarray(from, to);
        reconstruct(row, real.subarray(from, to), gradient, h, depth % 8 === 0);
      }
      result.set(layer.name, { rows, scale });
    }
  }
  return result;
}
