import { describe, expect, it } from 'vitest';
import { fromFloat16, toFloat16 } from '../index.ts';

const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
const isNaNBits = (bits: number) => (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;

describe('float16', () => {
  it('reads all 65,536 patterns and writes them back as they were', () => {
    const back = toFloat16(fromFloat16(all));
    const wrong = [...all].filter((bits) => !isNaNBits(bits) && back[bits] !== bits);
    expect(wrong).toEqual([]);
  });

  it('agrees with the DataView of the JavaScript engine', () => {
    const view = new DataView(all.buffer);
    const values = fromFloat16(all);
    for (let bits = 0; bits < 65536; bits += 7) {
      expect(values[bits]).toBe((view as unknown as HalfView).getFloat16(bits * 2, true));
    }
  });

  it.each([
    ['a tie goes to the even neighbour below', 1 + 2 ** -11, 1],
    ['a tie goes to the even neighbour above', 1 + 3 * 2 ** -11, 1 + 2 ** -9],
    ['subnormals are multiples of 2^-24', 3.4 * 2 ** -24, 3 * 2 ** -24],
    ['the largest that is finite', 65519, 65504],
    ['beyond it', 65520, Number.POSITIVE_INFINITY],
    ['what vanishes keeps its sign', -(2 ** -30), -0],
  ])('%s', (_, value, expected) => {
    expect(fromFloat16(toFloat16(Float32Array.of(value)))[0]).toBe(expected);
  });
});

/** ES2025; TypeScript's ES2024 does not know it. */
interface HalfView {
  getFloat16(at: number, littleEndian: boolean): number;
}
