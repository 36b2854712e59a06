/**
 * What files do to their input: our account of it against ONNX Runtime's result, channel by channel.
 */

import { float, int, ints, OnnxBuilder } from '@hebb/test/support/onnx-builder';
import { onnxSession } from '@hebb/test/support/onnxruntime';
import { describe, expect, it } from 'vitest';
import { readGraph } from '../onnx/graph.ts';
import { encodeModel } from '../onnx/model.ts';
import { readPrologue } from './prologue.ts';

/** One pixel: 10, 20, 30. */
const PIXEL = Float32Array.of(10, 20, 30);

type Steps = (b: OnnxBuilder) => string;

/** The channels that we read out of a graph, applied to the pixel; and where the network starts. */
function ours(steps: Steps) {
  const b = new OnnxBuilder();
  const value = steps(b);
  const end = b.node('Sigmoid', [value]);
  const { graph } = b.model([end], 3, [1, 3, 1, 1]);
  const { start, channels } = readPrologue(readGraph(graph, end));
  const values = channels.map(({ source, factor, offset }) => PIXEL[source]! * factor + offset);
  return { values, atStart: start === value };
}

async function theirs(steps: Steps, opset = 13): Promise<number[]> {
  const b = new OnnxBuilder();
  const session = await onnxSession(encodeModel(b.model([steps(b)], 3, [1, 3, 1, 1], opset)));
  const values = [...(await session.run(PIXEL, 1))];
  await session.release();
  return values;
}

const axis1 = int('axis', 1);

describe('a prologue that maps channels', () => {
  it.each<[string, Steps, number?]>([
    [
      'Gather of all channels, swapped',
      (b) => b.node('Gather', ['image', b.int64s([3], [2, 1, 0])], [axis1]),
    ],
    [
      'Gather with negative indices',
      (b) => b.node('Gather', ['image', b.int64s([3], [-1, -2, -3])], [axis1]),
    ],
    [
      'Sub and Div per channel',
      (b) =>
        b.node('Div', [
          b.node('Sub', ['image', b.floats([3, 1, 1], [1, 2, 3])]),
          b.floats([1, 3, 1, 1], [2, 4, 8]),
        ]),
    ],
    [
      'a constant on the left',
      (b) => b.node('Sub', [b.floats([], [255]), b.node('Mul', [b.floats([1], [2]), 'image'])]),
    ],
    [
      'BatchNormalization',
      (b) => {
        const vectors = [
          [1, 2, 3],
          [4, 5, 6],
          [7, 8, 9],
          [1, 4, 9],
        ].map((v) => b.floats([3], v));
        return b.node('BatchNormalization', ['image', ...vectors], [float('epsilon', 0.5)]);
      },
    ],
    [
      'Slice and Concat',
      (b) => {
        const slice = (from: number, to: number) =>
          b.node('Slice', [
            'image',
            b.int64s([1], [from]),
            b.int64s([1], [to]),
            b.int64s([1], [1]),
          ]);
        return b.node('Concat', [slice(2, 2 ** 40), slice(-2, -1), slice(0, 1)], [axis1]);
      },
    ],
    [
      'Slice of opset 9, by attributes',
      (b) => {
        const slice = (from: number) =>
          b.node(
            'Slice',
            ['image'],
            [ints('axes', [1]), ints('starts', [from]), ints('ends', [from + 1])],
          );
        return b.node(
          'Concat',
          [slice(0), b.node('Mul', [slice(1), b.floats([], [3])]), slice(2)],
          [axis1],
        );
      },
      9,
    ],
  ])('reads %s', async (_, steps, opset) => {
    const { values, atStart } = ours(steps);
    expect(atStart).toBe(true);
    const expected = await theirs(steps, opset);
    for (const [c, value] of values.entries()) expect(value).toBeCloseTo(expected[c]!, 4);
  });

  it.each<[string, Steps]>([
    ['a product over positions', (b) => b.node('Mul', ['image', b.floats([1, 1, 1, 2], [1, 2])])],
    [
      'a convolution',
      (b) => b.node('Conv', ['image', b.floats([3, 3, 1, 1], new Float32Array(9))]),
    ],
    ['a division by the image', (b) => b.node('Div', [b.floats([], [1]), 'image'])],
    ['four channels', (b) => b.node('Gather', ['image', b.int64s([4], [0, 1, 2, 2])], [axis1])],
    [
      'a slice over rows',
      (b) => b.node('Slice', ['image', b.int64s([1], [0]), b.int64s([1], [1]), b.int64s([1], [2])]),
    ],
  ])('leaves %s to the matcher', (_, steps) => {
    expect(ours(steps)).toEqual({ values: [...PIXEL], atStart: false });
  });
});
