/**
 * Compares TensorFlow's updates with the papers' formulas in plain numbers.
 * @module
 */

import { attr, GraphBuilder } from '@hebb/tensorflow/graph/graph-builder';
import { savedModel } from '@hebb/tensorflow/graph/saved-model';
import { loadGraph } from '@hebb/tensorflow/graph/session';
import { describeWithTensorFlow, tensorflow } from '@hebb/test/graph/tensorflow';
import { expect, it } from 'vitest';
import { clipped, follow, type OptimizerOptions, update } from '../step/optimizer.ts';
import { INITIALISE, initialName, stateName, Variables } from '../step/variables.ts';
import { startingState } from './state.ts';

const START = [1, -2, 0.5];
const GRADIENTS = [
  [0.3, -0.1, 4],
  [-0.2, 0.4, 1],
  [0.1, 0.1, -2],
];
const [RATE, DECAY, FACTOR, LIMIT, KEPT] = [0.1, 0.01, 0.5, 2, 0.9];

/** `decay` is the weight decay's share of the gradient. */
type Step = (w: number, g: number, slots: number[], t: number, decay: number) => number;

/** Sutskever et al. 2013, in the form of TensorFlow's ApplyMomentum. */
const momentum =
  (nesterov: boolean): Step =>
  (w, gradient, slots, _, decay) => {
    const g = gradient + decay;
    slots[0] = 0.9 * (slots[0] ?? 0) + g;
    return w - RATE * FACTOR * (nesterov ? g + 0.9 * slots[0] : slots[0]);
  };

/** Kingma & Ba 2015, algorithm 1. */
const adam: Step = (w, g, slots, t, decay) => adamW(w, g + decay, slots, t, 0);

/** Loshchilov & Hutter 2019, algorithm 2: the decay is not part of the gradient. */
const adamW: Step = (w, g, slots, t, decay) => {
  slots[0] = 0.9 * (slots[0] ?? 0) + 0.1 * g;
  slots[1] = 0.999 * (slots[1] ?? 0) + 0.001 * g * g;
  const [m, v] = [slots[0] / (1 - 0.9 ** t), slots[1] / (1 - 0.999 ** t)];
  return w - RATE * FACTOR * (m / (Math.sqrt(v) + 1e-8) + decay);
};

const OPTIMIZERS: readonly [string, OptimizerOptions, Step][] = [
  ['SGD with momentum', { kind: 'sgd', momentum: 0.9, nesterov: false }, momentum(false)],
  ['Nesterov’s momentum', { kind: 'sgd', momentum: 0.9, nesterov: true }, momentum(true)],
  ['Adam', { kind: 'adam', beta1: 0.9, beta2: 0.999 }, adam],
  ['AdamW', { kind: 'adamw', beta1: 0.9, beta2: 0.999 }, adamW],
];

describeWithTensorFlow('an update by', () => {
  it.each(OPTIMIZERS)('%s, clipped, with weight decay, then averaged', async (_, options, step) => {
    const { weights, average } = await tensorflowUpdates(options);
    const plain = plainUpdates(step);
    plain.weights.forEach((w, i) => {
      expect(weights[i]).toBeCloseTo(w, 5);
    });
    plain.average.forEach((a, i) => {
      expect(average[i]).toBeCloseTo(a, 5);
    });
  });
});

function plainUpdates(step: Step) {
  let weights = [...START];
  let average = [...START];
  const slots = START.map((): number[] => []);
  GRADIENTS.forEach((gradient, t) => {
    const norm = Math.hypot(...gradient);
    const scale = Math.min(1, LIMIT / norm);
    weights = weights.map((w, i) => step(w, gradient[i]! * scale, slots[i]!, t + 1, DECAY * w));
    average = average.map((a, i) => KEPT * a + (1 - KEPT) * weights[i]!);
  });
  return { weights, average };
}

async function tensorflowUpdates(optimizer: OptimizerOptions) {
  const tf = tensorflow();
  const g = new GraphBuilder();
  const variables = new Variables(g);
  const variable = variables.variable('layer/kernel', [3]);
  const scalar = (name: string) => g.placeholder(name, 'float32', []);
  const names = ['rate', 'beta1', 'beta2', 'kept'];
  const [rate, beta1Power, beta2Power, averageDecay] = names.map(scalar);
  const inputs = {
    rate: rate!,
    beta1Power: beta1Power!,
    beta2Power: beta2Power!,
    averageDecay: averageDecay!,
  };
  const gradient = g.placeholder('gradient', 'float32', [3]);
  const { gradients } = clipped(g, new Map([[variable, gradient]]), LIMIT);
  const updated = update(g, variables, variable, gradients.get(variable)!, inputs, {
    optimizer,
    weightDecay: DECAY,
    clipNorm: LIMIT,
    rateFactor: () => FACTOR,
  });
  const target = variables.read('target', variable.handle, [updated]);
  const average = variables.variable('average/layer/kernel', [3]);
  const followed = follow(g, average, target, inputs.averageDecay);
  const one = g.constant('one', 'float32', [], Float32Array.of(1));
  g.add('Identity', 'step', {
    inputs: [one],
    attrs: { T: attr.type('float32') },
    after: [followed],
    dtype: 'float32',
  });
  variables.addInitialiser();

  const session = await loadGraph(tf, savedModel(g.build()));
  const state = startingState(variables.all, new Map([['layer/kernel', Float32Array.from(START)]]));
  const feed = (name: string, shape: readonly number[], data: Float32Array) => ({
    name,
    dtype: tf.TF_FLOAT,
    shape,
    data,
  });
  session.run(
    variables.all.map(({ name, shape }) => feed(initialName(name), shape, state.get(name)!)),
    [INITIALISE],
  );
  GRADIENTS.forEach((values, i) => {
    const fed = [RATE, 0.9 ** (i + 1), 0.999 ** (i + 1), KEPT];
    session.run(
      [
        feed('gradient', [3], Float32Array.from(values)),
        ...names.map((name, k) => feed(name, [], Float32Array.of(fed[k]!))),
      ],
      ['step'],
    );
  });
  const [weights, averaged] = session.run(
    [],
    [stateName('layer/kernel'), stateName('average/layer/kernel')],
  );
  session.dispose();
  return { weights: weights!, average: averaged! };
}
