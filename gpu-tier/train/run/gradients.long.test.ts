import { googlenet, type NetworkSpec, normalise } from '@hebb/model';
import { savedModel } from '@hebb/tensorflow/graph/saved-model';
import { loadGraph } from '@hebb/tensorflow/graph/session';
import { noise, PREPROCESSING } from '@hebb/test/graph/compare';
import {
  describeWithKernels,
  describeWithTensorFlow,
  tensorflow,
} from '@hebb/test/graph/tensorflow';
import { randomWeights, seededNormal } from '@hebb/test/support/random-weights';
import { referenceGradients } from '@hebb/test/train/reference-gradients';
import { expect, it } from 'vitest';
import { stepGraph } from '../step/step-graph.ts';
import { INITIALISE, initialName } from '../step/variables.ts';
import { startingState } from './state.ts';

const [n, size, classes] = [4, 64, 5];
/**
 * Relative to a gradient's norm. Batch norm over 16 values (4 images of 2×2 in module 5) amplifies rounding
 * on the way down to conv1.
 */
const TOLERANCE = { lrn: 1e-4, 'lrn, fully connected head': 1e-4, bn5x5: 1e-2 } as const;
/**
 * Tolerance of each of our own kernels (gpu-tier/tensorflow/graph/trained-kernels.test.ts). In a whole network such a
 * difference flips some ReLU or maximum of a pool, and a gradient jumps. So the bound is not a number but
 * the effect of weights perturbed by as much.
 */
const ROUNDING = 1e-5;
const PERTURBED = 4;
const DROPOUTS = ['dropout', 'aux1/dropout', 'aux2/dropout'];

// Together the networks have every kind of layer; all have auxiliary heads.
const COMPARED = {
  lrn: { variant: 'lrn' },
  'lrn, fully connected head': { variant: 'lrn', head: 'fullyConnected' },
  bn5x5: { variant: 'bn5x5' },
} as const;
type Compared = keyof typeof COMPARED;
const NAMES = Object.keys(COMPARED) as Compared[];

describeWithTensorFlow('the training graph', () => {
  it.each(NAMES)(
    'has the gradients of %s that tfjs finds by itself',
    (name) => compareWithTfjs(name),
    600_000,
  );
});

describeWithKernels('the training graph on our own kernels', () => {
  it.each(NAMES)(
    'differs in the gradients of %s by no more than weights do that are off by 1e-5',
    (name) => compareWithPlain(name),
    600_000,
  );
});

function example(name: Compared) {
  const spec: NetworkSpec = { ...COMPARED[name], classes, inputSize: size };
  const network = googlenet(spec, { auxiliary: true });
  const weights = new Map(
    [...randomWeights(network, 3)].map(([name, { data }]) => [name, data as Float32Array]),
  );
  const labels = Float32Array.from({ length: n * classes }, (_, i) =>
    i % classes === Math.floor(i / classes) ? 0.84 : 0.04,
  );
  return { spec, network, weights, labels, pixels: noise(n, size) };
}

async function compareWithTfjs(compared: Compared): Promise<void> {
  const { spec, network, weights, labels, pixels } = example(compared);
  const ours = await graphGradients(spec, weights, pixels, labels, false);
  const reference = await referenceGradients({
    network,
    weights,
    labels,
    n,
    masks: ours.masks,
    images: normalise(pixels, PREPROCESSING),
  });
  expect(ours.loss).toBeCloseTo(reference.loss, 4);
  expect(ours.gradients.size).toBe(reference.gradients.size);
  for (const [name, gradient] of reference.gradients) {
    expect(distance(ours.gradients.get(name)!, gradient), name).toBeLessThan(TOLERANCE[compared]);
  }
}

async function compareWithPlain(compared: Compared): Promise<void> {
  const { spec, weights, labels, pixels } = example(compared);
  const run = (of: ReadonlyMap<string, Float32Array>, kernels: boolean) =>
    graphGradients(spec, of, pixels, labels, kernels);
  const plain = await run(weights, false);
  const own = await run(weights, true);
  expect(own.loss).toBeCloseTo(plain.loss, 4);
  const furthest = (gradients: ReadonlyMap<string, Float32Array>): number =>
    Math.max(...[...plain.gradients].map(([name, g]) => distance(gradients.get(name)!, g)));
  let allowed = 0;
  for (let seed = 1; seed <= PERTURBED; seed++) {
    const normal = seededNormal(seed);
    const off = new Map(
      [...weights].map(([name, w]) => [name, w.map((value) => value * (1 + ROUNDING * normal()))]),
    );
    allowed = Math.max(allowed, furthest((await run(off, false)).gradients));
  }
  expect(furthest(own.gradients)).toBeLessThan(1.5 * allowed);
}

/** |a − b| / |b|, Euclidean. */
function distance(a: Float32Array, b: Float32Array): number {
  const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
  return norm(a.map((value, i) => value - b[i]!)) / norm(b);
}

async function graphGradients(
  spec: NetworkSpec,
  weights: ReadonlyMap<string, Float32Array>,
  pixels: Uint8Array,
  labels: Float32Array,
  kernels: boolean,
) {
  const tf = tensorflow();
  const { graph, variables } = stepGraph({
    spec,
    evaluationSize: size,
    preprocessing: PREPROCESSING,
    precision: 'f32',
    kernels,
    batchSize: n,
    auxiliary: true,
    mixup: false,
    average: false,
    layerRate: () => 1,
    optimizer: { kind: 'sgd', momentum: 0, nesterov: false },
    weightDecay: 0,
    clipNorm: 0,
  });
  const session = await loadGraph(tf, savedModel(graph));
  const state = startingState(variables, weights);
  session.run(
    variables.map(({ name, shape }) => ({
      name: initialName(name),
      dtype: tf.TF_FLOAT,
      shape,
      data: state.get(name)!,
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
