import { googlenet, layerParameters } from '@hebb/model';
import { noise, PREPROCESSING } from '@hebb/test/graph/compare';
import { describeWithTensorFlow, tensorflow } from '@hebb/test/graph/tensorflow';
import { expect, it } from 'vitest';
import { initialWeights } from '../run/start.ts';
import { startingState } from '../run/state.ts';
import { createTrainingSession, type StepInput } from './session.ts';

const [n, size, classes] = [2, 64, 3];
const spec = { variant: 'lrn', classes, inputSize: size } as const;
const network = googlenet(spec, { auxiliary: true });
const weights = initialWeights(network, 1);

const INPUT: StepInput = {
  batch: { pixels: noise(n, size), labels: Int32Array.of(0, 2), size },
  labels: Float32Array.of(1, 0, 0, 0, 0, 1),
  shares: Float32Array.of(1, 1),
  weights: Float32Array.of(1, 1),
  seed: 5,
  rate: 0.1,
  step: 0,
  averageDecay: 0,
};

const ROWS = [
  ...['conv1', 'conv2', 'inception3a', 'inception3b', 'inception4a', 'inception4b'],
  ...['inception4c', 'inception4d', 'inception4e', 'inception5a', 'inception5b', 'linear'],
];

/** The kernels of a row, by names alone: `conv2_reduce/kernel` and `conv2/kernel` for conv2. */
const kernelsOf = (row: string): string[] =>
  network.layers
    .filter(({ name }) => name === row || name === `${row}_reduce` || name.startsWith(`${row}/`))
    .flatMap((layer) => layerParameters(layer).slice(0, 1))
    .map(({ name }) => name);

const norm = (tensors: readonly Float32Array[]): number =>
  Math.sqrt(tensors.flatMap((tensor) => [...tensor]).reduce((sum, v) => sum + v * v, 0));

async function session(frozen: readonly string[] = []) {
  const one = await createTrainingSession(tensorflow(), {
    spec,
    evaluationSize: size,
    preprocessing: PREPROCESSING,
    precision: 'f32',
    kernels: false,
    batchSize: n,
    auxiliary: true,
    mixup: false,
    average: false,
    layerRate: ({ name }) => (frozen.includes(name) ? 0 : 1),
    optimizer: { kind: 'sgd', momentum: 0, nesterov: false },
    weightDecay: 0.1,
    clipNorm: 1e-3, // the norms are those before clipping
  });
  one.initialise(startingState(one.variables, weights));
  return one;
}

describeWithTensorFlow('the norms of a step', () => {
  it('are those of the gradients and of the kernels, row by row', async () => {
    const one = await session();
    expect(Object.keys(one.weightNorms())).toEqual(ROWS);
    const before = one.weightNorms();
    const kernels = ROWS.flatMap(kernelsOf);
    const fetched = one.gradients(INPUT, kernels);
    const gradients = new Map(kernels.map((name, i) => [name, fetched[i]!]));
    const figures = one.step(INPUT);
    for (const row of ROWS) {
      const expected = norm(kernelsOf(row).map((name) => gradients.get(name)!));
      expect(figures[`gradient/${row}`]! / expected, row).toBeCloseTo(1, 4);
      const weight = norm(kernelsOf(row).map((name) => weights.get(name)!));
      expect(before[row]! / weight, row).toBeCloseTo(1, 4);
    }
    const state = one.state();
    const after = one.weightNorms();
    expect(after.linear).not.toBe(before.linear);
    expect(after.linear! / norm([state.get('linear/kernel')!])).toBeCloseTo(1, 4);
    one.dispose();
  }, 120_000);

  it('leave out frozen rows, which have no gradient', async () => {
    const one = await session(['conv1', 'conv2_reduce', 'conv2']);
    const names = Object.keys(one.step(INPUT)).filter((name) => name.startsWith('gradient/'));
    expect(names).toEqual(ROWS.slice(2).map((row) => `gradient/${row}`));
    expect(Object.keys(one.weightNorms())).toEqual(ROWS);
    one.dispose();
  }, 120_000);
});
