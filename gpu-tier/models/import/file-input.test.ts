/**
 * Files that normalise their input themselves: preprocessing does not repeat it, and the imported network computes the
 * same as ONNX Runtime.
 */

import type { Preprocessing, Variant } from '@hebb/model';
import { importModel } from '@hebb/test/support/import-onnx';
import { importDifference, randomNetwork } from '@hebb/test/support/import-parity';
import { int, OnnxBuilder } from '@hebb/test/support/onnx-builder';
import { onnxModel } from '@hebb/test/support/onnx-writer';
import { describe, expect, it } from 'vitest';
import { encodeModel, type ModelProto } from '../onnx/model.ts';
import { choosePreprocessing } from './preprocessing.ts';

type Steps = (b: OnnxBuilder) => string;

/** The GoogLeNet behind the steps. */
function behind(steps: Steps, variant: Variant): ModelProto {
  const { network, weights } = randomNetwork(variant);
  const model = onnxModel(network, weights);
  const b = new OnnxBuilder();
  const end = steps(b).replace(/^v/, 'p');
  const renamed = (name: string) => (/^v\d/.test(name) ? name.replace(/^v/, 'p') : name);
  const before = b.nodes.map((node) => ({
    ...node,
    name: `${node.name}_before`,
    input: node.input.map((name) =>
      b.initializers.some((t) => t.name === name) ? `${name}_before` : renamed(name),
    ),
    output: node.output.map(renamed),
  }));
  const tensors = b.initializers.map((tensor) => ({ ...tensor, name: `${tensor.name}_before` }));
  const after = model.graph.node.map((node) => ({
    ...node,
    input: node.input.map((name) => (name === 'image' ? end : name)),
  }));
  return {
    ...model,
    graph: {
      ...model.graph,
      node: [...before, ...after],
      initializer: [...tensors, ...model.graph.initializer],
    },
  };
}

const swap = (b: OnnxBuilder, value: string) =>
  b.node('Gather', [value, b.int64s([3], [2, 1, 0])], [int('axis', 1)]);
const sub = (b: OnnxBuilder, value: string, mean: number[]) =>
  b.node('Sub', [value, b.floats([1, 3, 1, 1], mean)]);
const div = (b: OnnxBuilder, value: string, by: number[]) =>
  b.node('Div', [value, b.floats([1, 3, 1, 1], by)]);

const RAW = { mean: [0, 0, 0], scale: [1, 1, 1] } as const;
const UNIT = { mean: [0, 0, 0], scale: [1 / 255, 1 / 255, 1 / 255] } as const;
const CAFFE = [104, 117, 123];
const IMAGENET = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };

interface Case {
  readonly steps: Steps;
  readonly variant: Variant;
  /** The input of the file. */
  readonly input: Pick<Preprocessing, 'mean' | 'scale' | 'channelOrder'>;
  /** The preprocessing of the package. */
  readonly expected: Pick<Preprocessing, 'mean' | 'channelOrder'>;
}

const CASES: readonly (readonly [string, Case])[] = [
  [
    'Sub of Caffe’s mean from BGR pixels',
    {
      steps: (b) => sub(b, 'image', CAFFE),
      variant: 'lrn',
      input: { ...RAW, channelOrder: 'bgr' },
      expected: { mean: [123, 117, 104], channelOrder: 'bgr' },
    },
  ],
  [
    'Gather to BGR, and Sub of Caffe’s mean',
    {
      steps: (b) => sub(b, swap(b, 'image'), CAFFE),
      variant: 'lrn',
      input: { ...RAW, channelOrder: 'rgb' },
      expected: { mean: [123, 117, 104], channelOrder: 'bgr' },
    },
  ],
  [
    'Sub from RGB pixels, then Gather to BGR',
    {
      steps: (b) => swap(b, sub(b, 'image', CAFFE.toReversed())),
      variant: 'lrn',
      input: { ...RAW, channelOrder: 'rgb' },
      expected: { mean: [123, 117, 104], channelOrder: 'bgr' },
    },
  ],
  [
    'Sub and Div of pixels of 0 to 1',
    {
      steps: (b) => div(b, sub(b, 'image', IMAGENET.mean), IMAGENET.deviation),
      variant: 'bn3x3',
      input: { ...UNIT, channelOrder: 'rgb' },
      expected: { mean: [123.675, 116.28, 103.53], channelOrder: 'rgb' },
    },
  ],
  [
    'Div by 255, Sub and Div of pixels',
    {
      steps: (b) =>
        div(b, sub(b, div(b, 'image', [255, 255, 255]), IMAGENET.mean), IMAGENET.deviation),
      variant: 'bn3x3',
      input: { ...RAW, channelOrder: 'rgb' },
      expected: { mean: [123.675, 116.28, 103.53], channelOrder: 'rgb' },
    },
  ],
  [
    'a map of pixels to −1 to 1',
    {
      steps: (b) => div(b, sub(b, 'image', [127.5, 127.5, 127.5]), [127.5, 127.5, 127.5]),
      variant: 'bn3x3',
      input: { ...RAW, channelOrder: 'rgb' },
      expected: { mean: [127.5, 127.5, 127.5], channelOrder: 'rgb' },
    },
  ],
];

describe('a file that subtracts a mean itself', () => {
  it.each(CASES)('gets pixels: %s', async (_, { steps, variant, input, expected }) => {
    const model = behind(steps, variant);
    const imported = await importModel(model);
    const { preprocessing, network } = imported.manifest;
    expect(preprocessing.channelOrder).toBe(expected.channelOrder);
    for (const c of [0, 1, 2]) expect(preprocessing.mean[c]).toBeCloseTo(expected.mean[c]!, 3);
    const fileInput = { ...choosePreprocessing(network, {}), ...input };
    expect(await importDifference(encodeModel(model), imported, false, fileInput)).toBeLessThan(
      1e-4,
    );
  });

  it('refuses --mean, except for zeros', async () => {
    const model = behind((b) => sub(b, 'image', CAFFE), 'lrn');
    await expect(importModel(model, { flags: { mean: [123, 117, 104] } })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining(
        'The file itself subtracts a mean from its input (104, 117, 123)',
      ),
    });
    const { manifest } = await importModel(model, { flags: { mean: [0, 0, 0] } });
    expect(manifest.preprocessing.mean).toEqual([123, 117, 104]);
  });

  it('follows the flags of the user', async () => {
    const model = behind((b) => sub(b, swap(b, 'image'), CAFFE), 'lrn');
    const { manifest } = await importModel(model, { flags: { channelOrder: 'bgr' } });
    expect(manifest.preprocessing.channelOrder).toBe('rgb');
  });
});

describe('a file that ends in top-k or arg max', () => {
  const { network, weights } = randomNetwork('bn3x3');

  function ending(
    add: (scores: string) => Pick<ModelProto['graph'], 'node' | 'output'>,
  ): ModelProto {
    const model = onnxModel(network, weights, { softmax: true });
    const { node, output } = add(model.graph.output[0]!.name);
    return { ...model, graph: { ...model.graph, node: [...model.graph.node, ...node], output } };
  }

  it('is refused with an explanation for both outputs of top-k', async () => {
    for (const names of [['values', 'places'], ['places'], ['values']]) {
      const model = ending((scores) => ({
        node: [{ op_type: 'TopK', name: 't', input: [scores, 'k'], output: ['values', 'places'] }],
        output: names.map((name) => ({ name })),
      }));
      const k = { name: 'k', dims: [1], data_type: 7, int64_data: [5] };
      const graph = { ...model.graph, initializer: [...model.graph.initializer, k] };
      await expect(importModel({ ...model, graph })).rejects.toMatchObject({
        code: 'unsupported_model',
        message: expect.stringMatching(
          /^The file ends in TopK \(TopK "t"\): .* which are in "v\d+"\.$/,
        ),
        hint: expect.stringContaining('without it'),
      });
    }
  });

  it('is refused with an explanation for arg max with a cast', async () => {
    const model = ending((scores) => ({
      node: [
        { op_type: 'ArgMax', name: 'a', input: [scores], output: ['best'] },
        {
          op_type: 'Cast',
          name: 'c',
          input: ['best'],
          output: ['class'],
          attribute: [{ name: 'to', type: 2, i: 6 }],
        },
      ],
      output: [{ name: 'class' }],
    }));
    await expect(importModel(model)).rejects.toMatchObject({
      message: expect.stringContaining('The file ends in ArgMax'),
    });
  });

  it('is imported if it has the scores as well', async () => {
    const model = ending((scores) => ({
      node: [{ op_type: 'ArgMax', name: 'a', input: [scores], output: ['best'] }],
      output: [{ name: 'best' }, { name: scores }],
    }));
    expect((await importModel(model)).manifest.network.variant).toBe('bn3x3');
  });
});
