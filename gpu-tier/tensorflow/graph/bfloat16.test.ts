import { expect, it } from 'vitest';
import { toBfloat16 } from './bfloat16.ts';

const bits = (...values: number[]) => [...toBfloat16(Float32Array.of(...values))];

it('keeps the sign, the exponent and seven bits', () => {
  expect(bits(0, 1, -2, 255)).toEqual([0, 0x3f80, 0xc000, 0x437f]);
});

it('rounds to nearest, ties to even', () => {
  const step = 2 ** -7; // between 1 and 2
  expect(bits(1 + 0.4 * step, 1 + 0.6 * step)).toEqual([0x3f80, 0x3f81]);
  expect(bits(1 + 0.5 * step, 1 + 1.5 * step)).toEqual([0x3f80, 0x3f82]);
  expect(bits(2 - 0.25 * step)).toEqual([0x4000]); // carries into the exponent
});
