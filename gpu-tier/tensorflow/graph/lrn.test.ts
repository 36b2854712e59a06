import type { LrnLayer } from '@hebb/model';
import { relativeDifference } from '@hebb/test/graph/compare';
import { describeWithTensorFlow, tensorflow } from '@hebb/test/graph/tensorflow';
import { seededNormal } from '@hebb/test/support/random-weights';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './graph-builder.ts';
import { bandMatrix, lrn } from './lrn.ts';
import { savedModel } from './saved-model.ts';
import { loadGraph } from './session.ts';

const layer = (channels: number, options: Partial<LrnLayer> = {}): LrnLayer => ({
  kind: 'lrn',
  name: 'norm',
  section: 'trunk',
  inputs: ['x'],
  inputShape: [1, 1, channels],
  shape: [1, 1, channels],
  size: 5,
  alpha: 1e-4,
  beta: 0.75,
  bias: 1,
  ...options,
});

describe('the band matrix', () => {
  it('joins each channel with its neighbours', () => {
    expect([...bandMatrix(4, 1, 3)]).toEqual(
      [
        // from the block before
        [0, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
        [3, 0, 0, 0],
        // from this one
        [3, 3, 0, 0],
        [3, 3, 3, 0],
        [0, 3, 3, 3],
        [0, 0, 3, 3],
        // from the one after
        [0, 0, 0, 3],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ].flat(),
    );
  });
});

describeWithTensorFlow('LRN as a convolution', () => {
  it.each([
    ['GoogLeNet’s', 64, {}],
    ['with strong normalisation', 64, { alpha: 0.5, bias: 2 }],
    ['with another exponent', 64, { alpha: 0.5, beta: 0.6 }],
    ['of channels that make no whole blocks', 24, { alpha: 0.5 }],
  ])('equals the definition of Krizhevsky et al.: %s', async (_, channels, options) => {
    const norm = layer(channels, options);
    const g = new GraphBuilder();
    lrn(g, norm, g.placeholder('x', 'float32', [-1, 1, 1, channels]));
    const session = await loadGraph(tensorflow(), savedModel(g.build()));
    const normal = seededNormal(1);
    const x = Float32Array.from({ length: channels }, () => 20 * normal());
    const feed = { name: 'x', dtype: tensorflow().TF_FLOAT, shape: [1, 1, 1, channels], data: x };
    const [y] = session.run([feed], ['norm']);
    expect(relativeDifference(y as Float32Array, byDefinition(norm, x))).toBeLessThan(1e-6);
    session.dispose();
  });
});

/** x_c / (bias + alpha / size · Σ x²)^beta over the channels c − 2 … c + 2. */
function byDefinition({ size, alpha, beta, bias }: LrnLayer, x: Float32Array): Float32Array {
  const reach = (size - 1) / 2;
  return x.map((value, c) => {
    const window = x.subarray(Math.max(0, c - reach), c + reach + 1);
    const sum = window.reduce((total, v) => total + v * v, 0);
    return value / (bias + (alpha / size) * sum) ** beta;
  });
}
