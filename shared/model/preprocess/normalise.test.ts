import { describe, expect, it } from 'vitest';
import { normalise } from '../index.ts';

const pixels = Uint8Array.of(10, 20, 30, 255, 0, 128); // two pixels: red, green, blue

describe('normalise', () => {
  it('subtracts the mean and multiplies by the scale of each colour', () => {
    const values = normalise(pixels, { channelOrder: 'rgb', mean: [1, 2, 3], scale: [1, 10, 0.5] });
    expect([...values]).toEqual([9, 180, 13.5, 254, -20, 62.5]);
  });

  it('swaps the colours for networks that read blue first', () => {
    const values = normalise(pixels, { channelOrder: 'bgr', mean: [1, 2, 3], scale: [1, 10, 0.5] });
    expect([...values]).toEqual([13.5, 180, 9, 62.5, -20, 254]);
  });

  it('writes into a buffer that is given', () => {
    const out = new Float32Array(6);
    const values = normalise(
      pixels,
      { channelOrder: 'rgb', mean: [0, 0, 0], scale: [1, 1, 1] },
      out,
    );
    expect(values).toBe(out);
    expect([...out]).toEqual([...pixels]);
  });
});
