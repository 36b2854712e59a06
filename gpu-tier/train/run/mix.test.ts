import { describe, expect, it } from 'vitest';
import { drawMix, swapRectangle } from './mix.ts';

const SEEDS = Array.from({ length: 400 }, (_, seed) => seed);

describe('drawMix', () => {
  it('leaves images alone without mixup and cutmix', () => {
    expect(drawMix({ mixup: 0, cutmix: 0 }, 96, 1)).toEqual({ share: 1 });
  });

  it('weighs labels by the part of the image that stays', () => {
    for (const seed of SEEDS) {
      const { share, rectangle } = drawMix({ mixup: 0, cutmix: 1 }, 96, seed);
      const { left, top, right, bottom } = rectangle!;
      expect(share).toBeCloseTo(1 - ((right - left) * (bottom - top)) / 96 ** 2, 10);
      expect(left >= 0 && top >= 0 && right <= 96 && bottom <= 96).toBe(true);
    }
  });

  it('cuts in about half of the batches when mixup is on too', () => {
    const cuts = SEEDS.filter((seed) => drawMix({ mixup: 0.2, cutmix: 1 }, 96, seed).rectangle);
    expect(cuts.length).toBeGreaterThan(150);
    expect(cuts.length).toBeLessThan(250);
  });

  it('draws the same for the same seed', () => {
    const options = { mixup: 0.2, cutmix: 1 };
    expect(drawMix(options, 96, 17)).toEqual(drawMix(options, 96, 17));
  });
});

describe('swapRectangle', () => {
  const image = (value: number) => new Array<number>(4 * 4 * 3).fill(value);

  it('exchanges the rectangle of image i and image n − 1 − i', () => {
    const pixels = Uint8Array.from([...image(1), ...image(2), ...image(3)]);
    swapRectangle(pixels, 4, { left: 1, top: 0, right: 3, bottom: 2 });
    const reds = [...pixels].filter((_, i) => i % 3 === 0);
    const cut = (own: number, other: number) => [
      own,
      other,
      other,
      own,
      own,
      other,
      other,
      own,
      ...new Array<number>(8).fill(own),
    ];
    expect(reds).toEqual([...cut(1, 3), ...new Array<number>(16).fill(2), ...cut(3, 1)]);
  });
});
