import { expect, it } from 'vitest';
import { cmykToRgb } from '../index.ts';

it('takes ink away from white', () => {
  const inks = Uint8Array.of(
    0,
    0,
    0,
    0,
    255,
    0,
    0,
    0,
    0,
    255,
    255,
    0,
    0,
    0,
    0,
    255,
    51,
    102,
    204,
    51,
  );
  const expected = [255, 255, 255, 0, 255, 255, 255, 0, 0, 0, 0, 0, 163, 122, 41];
  expect([...cmykToRgb(inks.slice(), false)]).toEqual(expected);
  expect([
    ...cmykToRgb(
      inks.map((ink) => 255 - ink),
      true,
    ),
  ]).toEqual(expected);
});
