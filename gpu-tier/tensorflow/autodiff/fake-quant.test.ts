/**
 * Fake quantisation in TensorFlow, compared with the formulas in plain numbers.
 * @module
 */
import { largestPairedSum, PAIRED_WEIGHT_SUM } from '@hebb/model';
import { describeWithTensorFlow, tensorflow } from '@hebb/test/graph/tensorflow';
import { seededNormal } from '@hebb/test/support/random-weights';
import { expect, it } from 'vitest';
import { GraphBuilder, type Value } from '../graph/graph-builder.ts';
import { identity } from '../graph/ops.ts';
import { savedModel } from '../graph/saved-model.ts';
import { loadGraph } from '../graph/session.ts';
import { fakeQuantActivations, fakeQuantKernel } from './fake-quant.ts';
import { Tape } from './tape.ts';

interface Input {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** y and the gradients of all inputs, for the gradient `dy` of y, which has the shape of the first input. */
async function run(
  inputs: readonly Input[],
  dy: Float32Array,
  build: (t: Tape, values: readonly Value[]) => Value,
): Promise<readonly Float32Array[]> {
  const g = new GraphBuilder();
  const t = new Tape(g);
  const values = inputs.map(({ shape }, i) => g.placeholder(`x${i}`, 'float32', shape));
  for (const value of values) t.watch(value);
  const y = build(t, values);
  const totals = t.gradients([[y, g.placeholder('dy', 'float32', inputs[0]!.shape)]]);
  values.forEach((value, i) => {
    identity(g, `dx${i}`, totals.get(value.name)!);
  });
  const session = await loadGraph(tensorflow(), savedModel(g.build()));
  const dtype = tensorflow().TF_FLOAT;
  const feeds = inputs.map((input, i) => ({ name: `x${i}`, dtype, ...input }));
  const fetches = ['y', ...inputs.map((_, i) => `dx${i}`)];
  const all = [...feeds, { name: 'dy', dtype, shape: inputs[0]!.shape, data: dy }];
  const outputs = session.run(all, fetches) as Float32Array[];
  session.dispose();
  return outputs;
}

function numbers(length: number, seed: number): Float32Array {
  const normal = seededNormal(seed);
  return Float32Array.from({ length }, normal);
}

const fill = (length: number, value: (i: number) => number) =>
  Float32Array.from({ length }, (_, i) => value(i));

describeWithTensorFlow('fake quantisation', () => {
  it('rounds activations to 128 steps, clips them, and passes gradients inside the range', async () => {
    const x = numbers(4000, 1).map((value) => Math.max(0, value)); // as after ReLU
    const dy = numbers(4000, 2);
    const largest = 1.5;
    const range = { shape: [], data: Float32Array.of(Math.log(largest)) };
    const shape = [10, 20, 20];
    const [y, dx, drange] = await run([{ shape, data: x }, range], dy, (t, [value, r]) =>
      fakeQuantActivations(t, 'y', value!, r!),
    );
    const step = largest / 127;
    let outside = 0;
    x.forEach((value, i) => {
      const clipped = Math.min(value, largest);
      expect(y![i]).toBeCloseTo(Math.round(clipped / step) * step, 5);
      expect(dx![i]).toBeCloseTo(value > largest ? 0 : dy[i]!, 6);
      if (value > largest) outside += dy[i]!;
    });
    expect(drange![0]).toBeCloseTo(outside * largest, 3);
  });

  it('rounds a kernel to 255 steps for each output channel, and passes the whole gradient', async () => {
    const shape = [3, 3, 6, 5]; // 6 input channels: the rule of pairs does not apply
    const data = numbers(270, 3);
    const dy = numbers(270, 4);
    const [y, dk] = await run([{ shape, data }], dy, (t, [k]) =>
      fakeQuantKernel(t, 'y', k!, { shape }),
    );
    const largest = fill(5, (o) => Math.max(...data.filter((_, i) => i % 5 === o).map(Math.abs)));
    data.forEach((w, i) => {
      const step = largest[i % 5]! / 127;
      expect(y![i]).toBeCloseTo(Math.round(w / step) * step, 5);
    });
    expect([...dk!]).toEqual([...dy]);
  });

  it('widens the steps of a channel whose int8 weights would break the rule of pairs', async () => {
    const shape = [1, 1, 16, 2];
    // Output 0: four weights of −1 in one lane. Output 1: one large weight.
    const lane = [0, 1, 4, 5];
    const data = fill(32, (i) => {
      if (i % 2 === 0) return lane.includes(i / 2) ? -1 : 0.1;
      return i === 1 ? 1 : 0.1;
    });
    const [y] = await run([{ shape, data }], data, (t, [k]) =>
      fakeQuantKernel(t, 'y', k!, { shape }),
    );
    // In steps of 1/127 the four sum to −508, so the steps grow by 508/258; −64.5 is then rounded to −64.
    const step = 508 / PAIRED_WEIGHT_SUM / 127;
    const int8 = fill(16, (i) => Math.round(y![i * 2]! / step));
    int8.forEach((q, i) => {
      expect(y![i * 2]).toBeCloseTo(q * step, 6);
    });
    expect([...int8.subarray(0, 6)]).toEqual([-64, -64, 6, 6, -64, -64]);
    expect(largestPairedSum(int8, 0, 16)).toBeLessThanOrEqual(PAIRED_WEIGHT_SUM);
    expect(y![3]).toBeCloseTo(Math.round(0.1 * 127) / 127, 6); // output 1 keeps its 127 steps
  });

  it('folds the scale of pixels in before it rounds', async () => {
    const shape = [7, 7, 3, 1];
    const pixels = { channelOrder: 'bgr', scale: [4, 2, 1] } as const; // red, green, blue
    const data = fill(147, (i) => [1, 0.4, 0.02][i % 3]! * (i < 3 ? 1 : 0.1)); // blue, green, red
    const [y] = await run([{ shape, data }], new Float32Array(147), (t, [k]) =>
      fakeQuantKernel(t, 'y', k!, { shape, pixels }),
    );
    // Scaled: 1, 0.8, 0.08; in steps of 1/127: 127, 102, 10.
    [1, 102 / 127 / 2, 10 / 127 / 4].forEach((w, i) => {
      expect(y![i]).toBeCloseTo(w, 6);
    });
  });

  it('keeps a channel of zeros', async () => {
    const shape = [1, 1, 8, 1];
    const [y] = await run([{ shape, data: new Float32Array(8) }], new Float32Array(8), (t, [k]) =>
      fakeQuantKernel(t, 'y', k!, { shape }),
    );
    expect([...y!]).toEqual(Array(8).fill(0));
  });
});
