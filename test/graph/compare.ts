/**
 * Compares TensorFlow graphs with the plain tfjs reference.
 * @module
 */

import { createReference, googlenet, type NetworkSpec, normalise, type Variant } from '@hebb/model';
import { loadTfjsWasm } from '@hebb/tensorflow/backend/tfjs-wasm';
import type { InferenceModel } from '@hebb/tensorflow/graph/inference';
import type { GraphResult } from '@hebb/tensorflow/graph/runner';
import { expect } from 'vitest';
import { randomWeights, seededRandom } from '../support/random-weights.ts';

export const PREPROCESSING = {
  channelOrder: 'rgb',
  mean: [124, 116.28, 104],
  scale: [1 / 58, 1 / 57, 1 / 57],
} as const;

const made = new Map<string, InferenceModel>();

/** A network of ten classes with seeded random weights, and with auxiliary heads if the input is large enough. */
export function randomModel(
  variant: Variant,
  inputSize = 64,
  output?: NetworkSpec['output'],
): InferenceModel {
  const key = `${variant} ${inputSize} ${output}`;
  const auxiliary = inputSize >= 160;
  const spec = { variant, classes: 10, inputSize, ...(output && { output }) };
  const network = googlenet(spec, { auxiliary });
  const model = made.get(key) ?? {
    network,
    weights: randomWeights(network, 5),
    preprocessing: PREPROCESSING,
  };
  made.set(key, model);
  return model;
}

/** Random pixels, uint8 [n, side, side, 3]. */
export function noise(n: number, side: number, seed = 3): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length: n * side * side * 3 }, () => Math.floor(random() * 256));
}

/** The reference's outputs for the same pixels. */
export async function referenceResult(
  { network, weights, preprocessing }: InferenceModel,
  pixels: Uint8Array,
): Promise<GraphResult> {
  const tf = await loadTfjsWasm();
  const reference = createReference(tf, network, weights);
  const side = network.spec.inputSize;
  const n = pixels.length / (side * side * 3);
  const input = tf.tensor4d(normalise(pixels, preprocessing), [n, side, side, 3]);
  const { probabilities, logits, embedding, auxiliary } = reference.forward(input);
  const result = {
    probabilities: probabilities.dataSync<'float32'>(),
    logits: logits.dataSync<'float32'>(),
    embedding: embedding.dataSync<'float32'>(),
  };
  tf.dispose([input, probabilities, logits, embedding, auxiliary]);
  reference.dispose();
  return result;
}

/** Largest absolute difference; infinite if the lengths differ or a value is NaN. */
export function difference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length || a.some(Number.isNaN)) return Number.POSITIVE_INFINITY;
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
}

/** Largest absolute difference as a share of the largest value of `b`. */
export function relativeDifference(a: Float32Array, b: Float32Array): number {
  return difference(a, b) / b.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}

/** Tolerances of the float32 graph; larger for outputs before softmax. */
export function expectSame(ours: GraphResult, reference: GraphResult): void {
  expect(difference(ours.probabilities, reference.probabilities)).toBeLessThan(1e-4);
  expect(relativeDifference(ours.logits, reference.logits)).toBeLessThan(1e-5);
  expect(relativeDifference(ours.embedding, reference.embedding)).toBeLessThan(1e-5);
}
