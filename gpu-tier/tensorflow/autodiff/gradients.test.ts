/**
 * Each kind of layer alone: the gradients of the tape in TensorFlow, compared with tfjs's automatic gradients of plain
 * ops. The whole network is in gpu-tier/train/run/gradients.long.test.ts.
 * @module
 */
import '@tensorflow/tfjs-backend-cpu';
import * as tfjs from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import type { LrnLayer } from '@hebb/model';
import { relativeDifference } from '@hebb/test/graph/compare';
import { describeWithTensorFlow, tensorflow } from '@hebb/test/graph/tensorflow';
import { seededNormal } from '@hebb/test/support/random-weights';
import { expect, it } from 'vitest';
import { GraphBuilder, type Value } from '../graph/graph-builder.ts';
import { identity } from '../graph/ops.ts';
import { savedModel } from '../graph/saved-model.ts';
import { loadGraph } from '../graph/session.ts';
import { batchNormTraining } from './batch-norm.ts';
import { lrn } from './lrn.ts';
import * as d from './ops.ts';
import { Tape } from './tape.ts';

type Shape = readonly number[];
type Tensor = tfjs.Tensor;

interface Case {
  /** Shapes of the inputs, all of which get gradients. */
  readonly inputs: readonly Shape[];
  readonly graph: (t: Tape, inputs: readonly Value[]) => Value;
  readonly plain: (inputs: readonly Tensor[]) => Tensor;
}

const NORM = { name: 'y', size: 5, alpha: 0.5, beta: 0.75, bias: 1, shape: [4, 4, 12] };
const as4d = (x: Tensor) => x as tfjs.Tensor4D;

const CASES: Readonly<Record<string, Case>> = {
  'a 1×1 convolution': {
    inputs: [
      [2, 5, 5, 6],
      [1, 1, 6, 4],
    ],
    graph: (t, [x, k]) => d.conv2d(t, 'y', x!, k!, { stride: 1, size: 1, pad: 0 }),
    plain: ([x, k]) => tfjs.conv2d(as4d(x!), as4d(k!), 1, 0),
  },
  'a 5×5 convolution': {
    inputs: [
      [2, 6, 6, 3],
      [5, 5, 3, 4],
    ],
    graph: (t, [x, k]) => d.conv2d(t, 'y', x!, k!, { stride: 1, size: 5, pad: 2 }),
    plain: ([x, k]) => tfjs.conv2d(as4d(x!), as4d(k!), 1, 2),
  },
  'a 7×7 convolution with stride 2, padded by 3': {
    inputs: [
      [2, 12, 12, 3],
      [7, 7, 3, 4],
    ],
    graph: (t, [x, k]) => d.conv2d(t, 'y', x!, k!, { stride: 2, size: 7, pad: 3 }),
    plain: ([x, k]) => tfjs.conv2d(as4d(x!), as4d(k!), 2, 3),
  },
  'a bias': {
    inputs: [[2, 3, 3, 4], [4]],
    graph: (t, [x, b]) => d.biasAdd(t, 'y', x!, b!),
    plain: ([x, b]) => tfjs.add(x!, b!),
  },
  ReLU: {
    inputs: [[2, 3, 3, 4]],
    graph: (t, [x]) => d.relu(t, 'y', x!),
    plain: ([x]) => tfjs.relu(x!),
  },
  'a max-pool whose last window hangs over the edge': {
    inputs: [[2, 6, 6, 3]],
    graph: (t, [x]) => d.maxPool(t, 'y', x!, { size: 3, stride: 2, padding: 'SAME' }),
    plain: ([x]) => tfjs.maxPool(as4d(x!), 3, 2, 'same'),
  },
  'an average pool': {
    inputs: [[2, 14, 14, 3]],
    graph: (t, [x]) => d.avgPool(t, 'y', x!, { size: 5, stride: 3, padding: 'VALID' }),
    plain: ([x]) => tfjs.avgPool(as4d(x!), 5, 3, 'valid'),
  },
  'the global average': {
    inputs: [[2, 4, 3, 5]],
    graph: (t, [x]) => d.spatialMean(t, 'y', x!, [4, 3, 5]),
    plain: ([x]) => tfjs.mean(x!, [1, 2]),
  },
  'local response normalisation': {
    inputs: [[2, 4, 4, 12]],
    graph: (t, [x]) => lrn(t, NORM as unknown as LrnLayer, x!),
    plain: ([x]) => tfjs.localResponseNormalization(as4d(x!), 2, 1, 0.5 / 5, 0.75),
  },
  'a concatenation of three, of which one is read twice': {
    inputs: [
      [2, 3, 3, 2],
      [2, 3, 3, 4],
    ],
    graph: (t, [a, b]) => d.concat(t, 'y', [a!, b!, d.relu(t, 'r', a!)], [2, 4, 2]),
    plain: ([a, b]) => tfjs.concat([a!, b!, tfjs.relu(a!)], 3),
  },
  'batch norm over the batch': {
    inputs: [[4, 3, 3, 5], [5], [5]],
    graph: (t, [x, gamma, beta]) => batchNormTraining(t, 'y', x!, gamma!, beta!, 1e-3).y,
    plain: ([x, gamma, beta]) => {
      const { mean, variance } = tfjs.moments(x!, [0, 1, 2]);
      const normal = tfjs.mul(tfjs.sub(x!, mean), tfjs.rsqrt(tfjs.add(variance, 1e-3)));
      return tfjs.add(tfjs.mul(normal, gamma!), beta!);
    },
  },
  'a fully connected layer on flattened maps': {
    inputs: [
      [3, 2, 2, 4],
      [16, 5],
    ],
    graph: (t, [x, k]) => d.matMul(t, 'y', d.reshape(t, 'flat', x!, [-1, 16]), k!),
    plain: ([x, k]) => tfjs.matMul(tfjs.reshape(x!, [-1, 16]), k as tfjs.Tensor2D),
  },
};

/** Share of the largest value; all is float32 in two libraries. */
const TOLERANCE = 1e-4;

describeWithTensorFlow('the gradient of', () => {
  it.each(Object.entries(CASES))('%s equals tfjs’s own', async (_, one) => {
    const values = one.inputs.map((shape, i) => numbers(shape, i));
    const plain = await plainGradients(one, values);
    const graph = await graphGradients(one, values, plain.outputGradient, plain.outputShape);
    expect(graph.length).toBe(one.inputs.length);
    graph.forEach((gradient, i) => {
      expect(relativeDifference(gradient, plain.gradients[i]!)).toBeLessThan(TOLERANCE);
    });
  });
});

function numbers(shape: Shape, seed: number): Float32Array {
  const normal = seededNormal(seed + 1);
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, normal);
}

async function plainGradients({ inputs, plain }: Case, values: readonly Float32Array[]) {
  await tfjs.setBackend('cpu');
  const tensors = inputs.map((shape, i) => tfjs.tensor(values[i]!, [...shape]));
  const output = plain(tensors);
  const outputGradient = numbers(output.shape, 99);
  const dy = tfjs.tensor(outputGradient, output.shape);
  const gradients = tfjs.grads((...xs: Tensor[]) => plain(xs))(tensors, dy);
  return {
    gradients: gradients.map((gradient) => gradient.dataSync<'float32'>()),
    outputGradient,
    outputShape: output.shape,
  };
}

async function graphGradients(
  { inputs, graph }: Case,
  values: readonly Float32Array[],
  outputGradient: Float32Array,
  outputShape: Shape,
): Promise<Float32Array[]> {
  const tf = tensorflow();
  const g = new GraphBuilder();
  const t = new Tape(g);
  const xs = inputs.map((shape, i) => g.placeholder(`x${i}`, 'float32', shape));
  for (const x of xs) t.watch(x);
  const y = graph(t, xs);
  const gradients = t.gradients([[y, g.placeholder('dy', 'float32', outputShape)]]);
  xs.forEach((x, i) => {
    identity(g, `dx${i}`, gradients.get(x.name)!);
  });
  const session = await loadGraph(tf, savedModel(g.build()));
  const feed = (name: string, shape: Shape, data: Float32Array) => ({
    name,
    dtype: tf.TF_FLOAT,
    shape,
    data,
  });
  const result = session.run(
    [
      ...inputs.map((shape, i) => feed(`x${i}`, shape, values[i]!)),
      feed('dy', outputShape, outputGradient),
    ],
    xs.map((_, i) => `dx${i}`),
  );
  session.dispose();
  return result as Float32Array[];
}
