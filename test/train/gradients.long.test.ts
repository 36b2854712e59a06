import { expect, it } from 'vitest';
import { savedModel } from '../../gpu-tier/graph/saved-model.ts';
import { loadGraph } from '../../gpu-tier/graph/session.ts';
import { stepGraph } from '../../gpu-tier/train/graph/step-graph.ts';
import { INITIALISE, initialName } from '../../gpu-tier/train/graph/variables.ts';
import { startingState } from '../../gpu-tier/train/state.ts';
import { googlenet, normalise, type Variant } from '../../shared/model/index.ts';
import { noise, PREPROCESSING } from '../graph/compare.ts';
import { describeWithKernels, describeWithTensorFlow, tensorflow } from '../graph/tensorflow.ts';
import { randomWeights } from '../support/random-weights.ts';
import { referenceGradients } from './reference-gradients.ts';

const [n, size, classes] = [4, 64, 5];
/**
 * Share of a gradient's length. Batch norm over 16 values (4 images of 2×2 in module 5) blows rounding
 * up on its way down to conv1. Winograd's transforms round more coarsely than the definition, which turns
 * a ReLU or a winner of max-pooling over: without them, weights off by 1e-6 move a gradient by 4e-6, and
 * by 3e-6, which turns one, by 5e-3.
 */
const TOLERANCE = {
  plain: { lrn: 1e-4, bn5x5: 1e-2 },
  own: { lrn: 2e-3, bn5x5: 1e-2 },
};
const DROPOUTS = ['dropout', 'aux1/dropout', 'aux2/dropout'];

// Between them, the variants have every kind of layer; the auxiliary heads come with both.
const COMPARED = ['lrn', 'bn5x5'] as const;
const title = 'has the gradients of %s that tfjs finds by itself';

describeWithTensorFlow('the training graph', () => {
  it.each(COMPARED)(title, (variant) => compare(variant, false, TOLERANCE.plain[variant]), 600_000);
});

describeWithKernels('the training graph on our own kernels', () => {
  it.each(COMPARED)(title, (variant) => compare(variant, true, TOLERANCE.own[variant]), 600_000);
});

async function compare(variant: Variant, kernels: boolean, tolerance: number): Promise<void> {
  const spec = { variant, classes, inputSize: size };
  const network = googlenet(spec, { auxiliary: true });
  const weights = new Map(
    [...randomWeights(network, 3)].map(([name, { data }]) => [name, data as Float32Array]),
  );
  const pixels = noise(n, size);
  const labels = Float32Array.from({ length: n * classes }, (_, i) =>
    i % classes === Math.floor(i / classes) ? 0.84 : 0.04,
  );
  const ours = await graphGradients(spec, weights, pixels, labels, kernels);
  const reference = await referenceGradients({
    ...{ network, weights, labels, n, masks: ours.masks },
    images: normalise(pixels, PREPROCESSING),
  });
  expect(ours.loss).toBeCloseTo(reference.loss, 4);
  expect(ours.gradients.size).toBe(reference.gradients.size);
  for (const [name, gradient] of reference.gradients) {
    expect(distance(ours.gradients.get(name)!, gradient), name).toBeLessThan(tolerance);
  }
}

/** |a − b| / |b|, Euclidean. */
function distance(a: Float32Array, b: Float32Array): number {
  const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
  return norm(a.map((value, i) => value - b[i]!)) / norm(b);
}

async function graphGradients(
  spec: { variant: Variant; classes: number; inputSize: number },
  weights: ReadonlyMap<string, Float32Array>,
  pixels: Uint8Array,
  labels: Float32Array,
  kernels: boolean,
) {
  const tf = tensorflow();
  const { graph, variables } = stepGraph({
    ...{ spec, evaluationSize: size, preprocessing: PREPROCESSING, precision: 'f32', kernels },
    ...{ batchSize: n, auxiliary: true, mixup: false, average: false, layerRate: () => 1 },
    ...{ optimizer: { kind: 'sgd', momentum: 0, nesterov: false }, weightDecay: 0, clipNorm: 0 },
  });
  const session = await loadGraph(tf, savedModel(graph));
  const state = startingState(variables, weights);
  session.run(
    variables.map(({ name, shape }) => ({
      ...{ name: initialName(name), dtype: tf.TF_FLOAT, shape, data: state.get(name)! },
    })),
    [INITIALISE],
  );
  const names = variables.map(({ name }) => name).filter((name) => weights.has(name));
  const trained = names.filter((name) => !/\/(mean|variance)$/.test(name));
  const fetched = session.run(
    [
      { name: 'image', dtype: tf.TF_UINT8, shape: [n, size, size, 3], data: pixels },
      { name: 'labels', dtype: tf.TF_FLOAT, shape: [n, spec.classes], data: labels },
      { name: 'seed', dtype: tf.TF_INT32, shape: [2], data: Int32Array.of(11, 0) },
    ],
    [
      ...trained.map((name) => `gradient/${name}`),
      ...DROPOUTS.map((name) => `${name}/mask`),
      ...['main', 'aux1', 'aux2'].map((head) => `loss/${head}`),
    ],
  ) as Float32Array[];
  session.dispose();
  const masks = new Map(DROPOUTS.map((name, i) => [name, fetched[trained.length + i]!]));
  const [main, aux1, aux2] = fetched.slice(-3).map((loss) => loss[0]!);
  return {
    gradients: new Map(trained.map((name, i) => [name, fetched[i]!])),
    masks,
    loss: main! + 0.3 * aux1! + 0.3 * aux2!,
  };
}
