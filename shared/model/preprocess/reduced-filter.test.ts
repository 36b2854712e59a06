import { describe, expect, it } from 'vitest';
import { PRECISION_BITS, type Taps, triangleTaps } from './filter.ts';
import { reducedTaps } from './reduced-filter.ts';

/** Averages of `size` values each, of the last block of what is there. */
const blocks = (values: readonly number[], size: number) =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, i) => {
    const block = values.slice(i * size, (i + 1) * size);
    return block.reduce((a, b) => a + b) / block.length;
  });

const apply = ({ first, count, weights, stride }: Taps, values: readonly number[]): number[] =>
  Array.from(first, (start, i) => {
    let sum = 0;
    for (let tap = 0; tap < count[i]!; tap++) {
      sum += values[start + tap]! * weights[i * stride + tap]!;
    }
    return sum / 2 ** PRECISION_BITS;
  });

const line = (length: number, f: (x: number) => number) =>
  Array.from({ length }, (_, x) => f((x + 0.5) / length));

/** How an image line comes out that is resized whole, and one that was reduced before. */
function both(values: readonly number[], reduction: number, outputs: number) {
  const wanted = { from: 0, count: outputs, of: outputs };
  const reduced = blocks(values, reduction);
  const extent = { from: 0, length: values.length / reduction };
  return {
    whole: apply(triangleTaps(values.length, { from: 0, length: values.length }, wanted), values),
    reduced: apply(reducedTaps(reduced.length, extent, wanted, reduction), reduced),
  };
}

const furthest = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

describe('the triangle over a reduced image', () => {
  it.each([
    [4032, 8, 256, 1e-3],
    [3024, 8, 256, 1e-3],
    [1600, 4, 224, 1e-3],
    [700, 2, 256, 0.05], // hardly reduced: some weights would be below 0
  ])(
    'does to a parabola what it does to the source: %i by %i to %i',
    (length, by, outputs, off) => {
      const parabola = line(length, (x) => 30 + 200 * x - 90 * x * x);
      const { whole, reduced } = both(parabola, by, outputs);
      // Away from the ends, where fewer than three pixels are left to bend.
      expect(furthest(whole.slice(3, -3), reduced.slice(3, -3))).toBeLessThan(off);
      expect(furthest(whole, reduced)).toBeLessThan(0.5);
    },
  );

  it('is closer to the source than the plain triangle over the averages', () => {
    const wave = line(4032, (x) => 128 + 100 * Math.sin(2 * Math.PI * 60 * x));
    const { whole, reduced } = both(wave, 8, 256);
    const wanted = { from: 0, count: 256, of: 256 };
    const averages = blocks(wave, 8);
    const plain = apply(triangleTaps(504, { from: 0, length: 504 }, wanted), averages);
    expect(furthest(whole, reduced)).toBeLessThan(furthest(whole, plain) / 3);
  });

  it('keeps a flat line, also where the last pixel averages fewer', () => {
    const { reduced } = both(
      line(1001, () => 200),
      8,
      100,
    );
    expect(furthest(reduced, Array<number>(100).fill(200))).toBeLessThan(1e-3);
  });

  it('has no negative weight, so results stay in the range of a byte', () => {
    for (let length = 256; length < 4000; length += 123) {
      const source = Math.ceil(length / 8);
      const of = Math.min(source, 97);
      const extent = { from: 0, length: length / 8 };
      const taps = reducedTaps(source, extent, { from: 0, count: of, of }, 8);
      expect(Math.min(...taps.weights)).toBeGreaterThanOrEqual(0);
    }
  });
});
