/**
 * Our own kernels of training against TensorFlow's ops: what they give, and their gradients.
 * @module
 */

import type { ConvLayer } from '@hebb/model';
import { relativeDifference } from '@hebb/test/graph/compare';
import { feedOf, uniformNumbers } from '@hebb/test/graph/feeds';
import { describeWithKernels, tensorflow } from '@hebb/test/graph/tensorflow';
import { expect, it } from 'vitest';
import { batchNormReluTraining, batchNormTraining } from '../autodiff/batch-norm.ts';
import * as d from '../autodiff/ops.ts';
import { Tape } from '../autodiff/tape.ts';
import { attr, GraphBuilder, type Value } from './graph-builder.ts';
import { cast } from './ops.ts';
import { ownConvolution, trainedConvolution } from './own-kernels.ts';
import type { DataType } from './proto/messages.ts';
import { savedModel } from './saved-model.ts';
import { type Feed, loadGraph } from './session.ts';

const uniform = uniformNumbers(12);
const EPSILON = 1e-3;

/** Share of the largest value: of sums in another order, of Winograd's transforms, of one rounding. */
const TOLERANCE = { float32: 1e-5, bfloat16: 2 ** -6 } as const;

/** Runs a graph and gives what it fetches, as float32. */
async function run(g: GraphBuilder, feeds: readonly Feed[], fetched: readonly Value[]) {
  const names = fetched.map((value, i) => cast(g, `fetched/${i}`, value, 'float32').name);
  const session = await loadGraph(tensorflow(), savedModel(g.build()));
  const results = session.run(feeds, names) as Float32Array[];
  session.dispose();
  return results;
}

function convolution(height: number, width: number, inputs: number, outputs: number): ConvLayer {
  return {
    kind: 'conv',
    name: 'c',
    inputs: ['x'],
    size: 3,
    stride: 1,
    pad: 1,
    batchNorm: true,
    inputShape: [height, width, inputs],
    shape: [height, width, outputs],
  } as unknown as ConvLayer;
}

/** The convolution and both its gradients, by TensorFlow's ops or by ours. */
async function convolved(layer: ConvLayer, dtype: DataType, feeds: readonly Feed[], own: boolean) {
  const g = new GraphBuilder();
  const [height, width, inputs] = layer.inputShape;
  const outputs = layer.shape[2];
  const x = cast(g, 'x/cast', g.placeholder('x', 'float32', [-1, height, width, inputs]), dtype);
  const dy = cast(
    g,
    'dy/cast',
    g.placeholder('dy', 'float32', [-1, height, width, outputs]),
    dtype,
  );
  const master = g.placeholder('kernel', 'float32', [3, 3, inputs, outputs]);
  const kernel = cast(g, 'kernel/cast', master, dtype);
  const t = new Tape(g);
  t.watch(x);
  t.watch(kernel);
  const ours = own ? ownConvolution(master, dtype) : undefined;
  const y = d.conv2d(t, 'y', x, kernel, layer, ours);
  const gradients = t.gradients([[y, dy]]);
  return run(g, feeds, [y, gradients.get(x.name)!, gradients.get(kernel.name)!]);
}

describeWithKernels('a 3×3 convolution that is trained', () => {
  it.each([
    ['of whole tiles', 'float32', 8, 8, 16, 32],
    ['whose last tiles hang over', 'float32', 14, 7, 32, 16],
    ['smaller than a tile', 'float32', 3, 1, 16, 16],
    ['whose channels do not fill a panel', 'float32', 5, 6, 48, 208],
    ['with more tiles than go through at a time', 'float32', 57, 61, 16, 16],
    ['in bfloat16', 'bfloat16', 28, 19, 32, 48],
  ] as const)(
    '%s is TensorFlow’s, and so are its gradients',
    async (_, dtype, height, width, inputs, outputs) => {
      const layer = convolution(height, width, inputs, outputs);
      const feeds = [
        feedOf('x', [3, height, width, inputs], uniform),
        feedOf('dy', [3, height, width, outputs], uniform),
        feedOf('kernel', [3, 3, inputs, outputs], uniform),
      ];
      const theirs = await convolved(layer, dtype, feeds, false);
      const ours = await convolved(layer, dtype, feeds, true);
      ['y', 'dx', 'dkernel'].forEach((name, i) => {
        const difference = relativeDifference(ours[i]!, theirs[i]!);
        // That of the kernel is a sum over all pixels of all images.
        expect(difference, name).toBeLessThan(TOLERANCE[dtype] * (name === 'dkernel' ? 2 : 1));
        expect(ours[i]!.some((value) => value < 0)).toBe(true);
      });
    },
  );

  it('does not apply to other sizes, strides or channels, nor to wasted tiles', () => {
    const layer = convolution(8, 8, 16, 16);
    const kernel = { name: 'kernel', dtype: 'float32' } as const;
    for (const other of [{ size: 5 }, { stride: 2 }, { shape: [8, 8, 24] }]) {
      const changed = { ...layer, ...other } as ConvLayer;
      expect(trainedConvolution(changed, kernel, 'float32')).toBeUndefined();
    }
    const used = (dtype: DataType) =>
      [56, 28, 16, 14, 8, 7].filter((height) =>
        trainedConvolution(convolution(height, height, 16, 16), kernel, dtype),
      );
    expect(used('bfloat16')).toEqual([56, 28, 16]);
    expect(used('float32')).toEqual([56, 28, 16, 14, 8]);
  });
});

interface NormCase {
  readonly name: string;
  readonly shape: readonly [n: number, height: number, width: number, channels: number];
  readonly dtype?: 'float32' | 'bfloat16';
  /** Added to x: a mean far from 0. */
  readonly mean?: number;
  /** Times x. */
  readonly spread?: number;
}

const NORMS: NormCase[] = [
  { name: 'of fewer channels than a block', shape: [4, 7, 5, 16] },
  { name: 'of more pixels than go through at a time', shape: [3, 31, 29, 64] },
  { name: 'of blocks that are not filled', shape: [2, 9, 9, 208] },
  { name: 'of two pixels', shape: [2, 1, 1, 32] },
  {
    name: 'of a mean that is large beside the deviation',
    shape: [4, 9, 9, 32],
    mean: 100,
    spread: 0.1,
  },
  { name: 'in bfloat16', shape: [4, 15, 15, 48], dtype: 'bfloat16' },
];

/** Batch norm and ReLU with their gradients, by TensorFlow's ops or by ours. */
async function normed(
  { shape, dtype = 'float32' }: NormCase,
  feeds: readonly Feed[],
  own: boolean,
) {
  const g = new GraphBuilder();
  const x = cast(g, 'x/cast', g.placeholder('x', 'float32', shape), dtype);
  const dy = cast(g, 'dy/cast', g.placeholder('dy', 'float32', shape), dtype);
  const [gamma, beta] = ['gamma', 'beta'].map((name) => g.placeholder(name, 'float32', [shape[3]]));
  const t = new Tape(g);
  for (const value of [x, gamma!, beta!]) t.watch(value);
  const norm = (own ? batchNormReluTraining : batchNormTraining)(t, 'n', x, gamma!, beta!, EPSILON);
  const y = own ? norm.y : d.relu(t, 'y', norm.y);
  const gradients = t.gradients([[y, dy]]);
  const wanted = [x, gamma!, beta!].map(({ name }) => gradients.get(name)!);
  return run(g, feeds, [y, norm.mean, norm.variance, ...wanted]);
}

describeWithKernels('batch norm in training with its ReLU', () => {
  it.each(NORMS)('$name and its gradients equal TensorFlow’s', async (one) => {
    const { shape, dtype = 'float32', mean = 0, spread = 1 } = one;
    const x = feedOf('x', shape, (n) => uniform(n).map((value) => mean + spread * value));
    const rest = ['gamma', 'beta'].map((name) => feedOf(name, [shape[3]], uniform));
    const feeds = [x, feedOf('dy', shape, uniform), ...rest];
    const theirs = await normed(one, feeds, false);
    const ours = await normed(one, feeds, true);
    const names = ['y', 'mean', 'variance', 'dx', 'dgamma', 'dbeta'];
    ours.forEach((values, i) => {
      const difference = relativeDifference(values, theirs[i]!);
      expect(difference, names[i]).toBeLessThan(mean > 0 ? 1e-3 : TOLERANCE[dtype]);
    });
    expect(ours[0]!.some((value) => value === 0)).toBe(true);
    expect(ours[0]!.every((value) => value >= 0)).toBe(true);
  });

  it('propagates NaN, like TensorFlow’s', async () => {
    const one: NormCase = { name: '', shape: [2, 3, 3, 32] };
    const x = feedOf('x', one.shape, (n) => uniform(n).fill(Number.NaN, 5, 6)); // of channel 5
    const rest = ['gamma', 'beta'].map((name) => feedOf(name, [32], uniform));
    const feeds = [x, feedOf('dy', one.shape, uniform), ...rest];
    for (const own of [false, true]) {
      const [y] = await normed(one, feeds, own);
      y!.forEach((value, i) => void expect(Number.isNaN(value)).toBe(i % 32 === 5));
    }
  });

  it('gives the same bits each time', async () => {
    const one: NormCase = { name: '', shape: [4, 33, 31, 32] };
    const feeds = [
      ...['x', 'dy'].map((name) => feedOf(name, one.shape, uniform)),
      ...['gamma', 'beta'].map((name) => feedOf(name, [32], uniform)),
    ];
    const first = await normed(one, feeds, true);
    expect(await normed(one, feeds, true)).toEqual(first);
  });

  it('fails a run that it cannot compute', async () => {
    const g = new GraphBuilder();
    const [x, gamma, beta] = ['x', 'gamma', 'beta'].map((name, i) =>
      g.placeholder(name, 'float32', i === 0 ? [1, 1, 1, 8] : [8]),
    );
    const attrs = { T: attr.type('float32'), epsilon: attr.float(EPSILON) };
    const y = g.add('HebbNormRelu', 'y', { inputs: [x!, gamma!, beta!], attrs, dtype: 'float32' });
    const feeds = [
      feedOf('x', [1, 1, 1, 8], uniform),
      ...['gamma', 'beta'].map((name) => feedOf(name, [8], uniform)),
    ];
    await expect(run(g, feeds, [y])).rejects.toThrow('a multiple of 16');
  });
});
