/**
 * Our own kernels against TensorFlow's ops, layer by layer, and against the plain tfjs reference as a
 * whole network.
 */

import type { ConvLayer, Layer, LrnLayer, Tensors } from '@hebb/model';
import {
  expectSame,
  noise,
  randomModel,
  referenceResult,
  relativeDifference,
} from '@hebb/test/graph/compare';
import { feedOf, uniformNumbers } from '@hebb/test/graph/feeds';
import { describeWithKernels, tensorflow } from '@hebb/test/graph/tensorflow';
import { expect, it } from 'vitest';
import { attr, GraphBuilder } from './graph-builder.ts';
import { addLayer } from './layers.ts';
import { cast } from './ops.ts';
import { ownKernels } from './own-kernels.ts';
import type { DataType } from './proto/messages.ts';
import { createGraphRunner } from './runner.ts';
import { savedModel } from './saved-model.ts';
import { type Feed, loadGraph } from './session.ts';

const uniform = uniformNumbers(11);

const uniformFeed = (name: string, shape: readonly number[]): Feed => feedOf(name, shape, uniform);

/** One layer on random numbers [n, h, w, c]: what TensorFlow's ops give, and what ours do. */
async function bothWays(layer: Layer, weights: Tensors, n: number, dtype: DataType = 'float32') {
  const g = new GraphBuilder();
  const [height, width, channels] = layer.inputShape;
  const x = cast(g, 'x/cast', g.placeholder('x', 'float32', [-1, height, width, channels]), dtype);
  const theirs = addLayer(g.scope('plain'), layer, [x], (name, type) => {
    const { data, shape } = weights.get(name)!;
    const constant = g.constant(`${name}/plain`, 'float32', shape, data as Float32Array);
    return cast(g, `${name}/cast`, constant, type);
  });
  const ours = ownKernels(weights)(g.scope('own'), layer, [x]);
  expect(ours).toBeDefined();
  const named = { theirs: theirs.name, ours: ours!.name };
  if (dtype !== 'float32') {
    named.theirs = cast(g, 'theirs', theirs, 'float32').name;
    named.ours = cast(g, 'ours', ours!, 'float32').name;
  }
  const session = await loadGraph(tensorflow(), savedModel(g.build()));
  const feed = uniformFeed('x', [n, height, width, channels]);
  const [a, b] = session.run([feed], [named.theirs, named.ours]) as Float32Array[];
  session.dispose();
  return { theirs: a!, ours: b! };
}

function convolution(height: number, width: number, inputs: number, outputs: number) {
  const layer = {
    kind: 'conv',
    name: 'c',
    inputs: ['x'],
    size: 3,
    stride: 1,
    pad: 1,
    batchNorm: false,
    inputShape: [height, width, inputs],
    shape: [height, width, outputs],
  } as unknown as ConvLayer;
  const weights: Tensors = new Map([
    [
      'c/kernel',
      { dtype: 'F32', shape: [3, 3, inputs, outputs], data: uniform(9 * inputs * outputs) },
    ],
    ['c/bias', { dtype: 'F32', shape: [outputs], data: uniform(outputs) }],
  ]);
  return { layer, weights };
}

describeWithKernels('a 3×3 convolution by Winograd', () => {
  it.each([
    ['of whole tiles', 8, 8, 16, 32],
    ['whose last tiles hang over', 14, 7, 16, 32],
    ['smaller than a tile', 3, 1, 16, 16],
    ['whose outputs do not fill a panel', 5, 6, 48, 208],
    ['with more tiles than go through at a time', 57, 61, 16, 16],
  ])('%s equals TensorFlow’s', async (_, height, width, inputs, outputs) => {
    for (const n of [1, 3]) {
      const { layer, weights } = convolution(height, width, inputs, outputs);
      const { theirs, ours } = await bothWays(layer, weights, n);
      expect(relativeDifference(ours, theirs)).toBeLessThan(1e-5);
      expect(ours.some((value) => value === 0) && ours.every((value) => value >= 0)).toBe(true);
    }
  });

  it('reads and writes bfloat16', async () => {
    const { layer, weights } = convolution(30, 29, 32, 192);
    const { theirs, ours } = await bothWays(layer, weights, 2, 'bfloat16');
    expect(relativeDifference(ours, theirs)).toBeLessThan(2 ** -7);
  });

  it('does not apply to other sizes, strides or channels', () => {
    const { layer, weights } = convolution(8, 8, 16, 16);
    const make = ownKernels(weights);
    const x = { name: 'x', dtype: 'float32' } as const;
    for (const other of [{ size: 5 }, { stride: 2 }, { batchNorm: true }, { shape: [8, 8, 24] }]) {
      expect(make(new GraphBuilder(), { ...layer, ...other } as ConvLayer, [x])).toBeUndefined();
    }
  });
});

describeWithKernels('local response normalisation in one pass', () => {
  it.each(['float32', 'bfloat16'] as const)('equals TensorFlow’s in %s', async (dtype) => {
    for (const [channels, size] of [
      [16, 5],
      [64, 5],
      [192, 3],
    ] as const) {
      const layer = {
        kind: 'lrn',
        name: 'norm',
        inputs: ['x'],
        size,
        alpha: 0.9,
        beta: 0.75,
        bias: 2,
        inputShape: [9, 31, channels],
        shape: [9, 31, channels],
      } as unknown as LrnLayer;
      const { theirs, ours } = await bothWays(layer, new Map(), 2, dtype);
      const tolerance = dtype === 'float32' ? 1e-6 : 2 ** -6;
      expect(relativeDifference(ours, theirs)).toBeLessThan(tolerance);
    }
  });
});

describeWithKernels('the network on our own kernels', () => {
  it.each(['lrn', 'bn5x5', 'bn3x3'] as const)(
    '%s: gives what plain tfjs ops give',
    async (variant) => {
      const model = randomModel(variant, 97);
      const runner = await createGraphRunner({ binding: tensorflow(), kernels: true, ...model });
      const pixels = noise(3, 97);
      expectSame(runner.run(pixels, 3), await referenceResult(model, pixels));
      runner.dispose();
    },
  );

  it('fails only the run that it cannot compute', async () => {
    const g = new GraphBuilder();
    const x = g.placeholder('x', 'float32', [-1, 1, 1, 8]);
    const attrs = {
      T: attr.type('float32'),
      radius: attr.int(2),
      bias: attr.float(1),
      share: attr.float(1),
    };
    g.add('HebbLrn', 'y', { inputs: [x], attrs, dtype: 'float32' });
    const session = await loadGraph(tensorflow(), savedModel(g.build()));
    expect(() => session.run([uniformFeed('x', [1, 1, 1, 8])], ['y'])).toThrow('a multiple of 16');
    session.dispose();
  });
});
