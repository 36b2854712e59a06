/**
 * The rate of TensorFlow's product of two large matrices: an upper bound for convolutions that are computed by
 * their definition.
 * @module
 */

import { layerCost, type Network } from '@hebb/model';
import { GraphBuilder } from '@hebb/tensorflow/graph/graph-builder';
import { PRECISIONS, type Precision } from '@hebb/tensorflow/graph/inference';
import { cast, matMul, mean } from '@hebb/tensorflow/graph/ops';
import { savedModel } from '@hebb/tensorflow/graph/saved-model';
import { loadGraph } from '@hebb/tensorflow/graph/session';
import type { Binding } from '@hebb/tensorflow/native/binding';
import { seededRandom } from '@hebb/test/support/random-weights';
import { timeEach } from '../measure/clock.ts';
import { median } from '../measure/statistics.ts';

/** Rows and columns of the matrices. */
const SIDE = 2048;
/** Consecutive products per run, so that feeding the matrices takes little of the time. */
const CHAIN = 8;

/** Billions of multiply-adds per second on all cores. */
export type ProductRate = Readonly<Record<Precision, number>>;

export async function measureProduct(binding: Binding, rounds: number): Promise<ProductRate> {
  const rates: number[] = [];
  for (const precision of PRECISIONS) {
    const g = new GraphBuilder();
    const type = precision === 'bf16' ? 'bfloat16' : 'float32';
    const [x, k] = ['x', 'k'].map((name) =>
      cast(g, `${name}/cast`, g.placeholder(name, 'float32', [SIDE, SIDE]), type),
    );
    let y = x!;
    for (let i = 0; i < CHAIN; i++) y = matMul(g, `y${i}`, y, k!);
    mean(g, 'y', cast(g, 'y/cast', y, 'float32'), [0, 1]);
    const session = await loadGraph(binding, savedModel(g.build()));
    const random = seededRandom(1);
    const scale = Math.sqrt(12 / SIDE); // each product has the variance of the one before
    const numbers = () =>
      Float32Array.from({ length: SIDE * SIDE }, () => scale * (random() - 0.5));
    const feeds = ['x', 'k'].map((name) => ({
      name,
      dtype: binding.TF_FLOAT,
      shape: [SIDE, SIDE],
      data: numbers(),
    }));
    const times = (await timeEach(rounds + 1, () => void session.run(feeds, ['y']))).slice(1);
    session.dispose();
    rates.push((CHAIN * SIDE ** 3) / median(times) / 1e6);
  }
  return { f32: rates[PRECISIONS.indexOf('f32')]!, bf16: rates[PRECISIONS.indexOf('bf16')]! };
}

/**
 * Multiply-adds of a training step per image, by the definition of convolution: forward pass, gradient of the
 * input, gradient of the kernels. The first layers need no gradient of the image.
 */
export function stepMultiplyAdds({ layers }: Network): number {
  const costs = layers.map((layer) => ({
    forward: layerCost(layer).multiplyAdds,
    passes: layer.inputs[0] === 'input' ? 2 : 3,
  }));
  return costs.reduce((sum, { forward, passes }) => sum + passes * forward, 0);
}
