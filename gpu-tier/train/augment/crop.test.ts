import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random/random.ts';
import { randomCrop } from './crop.ts';

const PAPER = { area: [0.08, 1], aspect: [3 / 4, 4 / 3] } as const;

const crops = (width: number, height: number, options: Parameters<typeof randomCrop>[1] = PAPER) =>
  Array.from({ length: 2000 }, (_, seed) =>
    randomCrop({ width, height }, options, seededRandom(seed)),
  );

describe('a random crop', () => {
  it('lies inside the image', () => {
    for (const { left, top, width, height } of crops(300, 200)) {
      expect(left).toBeGreaterThanOrEqual(0);
      expect(top).toBeGreaterThanOrEqual(0);
      expect(left + width).toBeLessThanOrEqual(300);
      expect(top + height).toBeLessThanOrEqual(200);
    }
  });

  it('stays within the given areas and aspects, and uses their whole range', () => {
    const all = crops(256, 256, { area: [0.2, 0.6], aspect: [3 / 4, 4 / 3] });
    const areas = all.map(({ width, height }) => (width * height) / 256 ** 2);
    const aspects = all.map(({ width, height }) => width / height);
    expect(Math.min(...areas)).toBeCloseTo(0.2, 1);
    expect(Math.max(...areas)).toBeCloseTo(0.6, 1);
    expect(Math.min(...aspects)).toBeCloseTo(3 / 4, 1);
    expect(Math.max(...aspects)).toBeCloseTo(4 / 3, 1);
  });

  it('is wide as often as tall', () => {
    const wide = crops(256, 256).filter(({ width, height }) => width > height).length;
    expect(wide / 2000).toBeGreaterThan(0.45);
    expect(wide / 2000).toBeLessThan(0.55);
  });

  it('reaches every border', () => {
    const all = crops(100, 100);
    expect(all.some(({ left }) => left === 0)).toBe(true);
    expect(all.some(({ top, height }) => top + height === 100)).toBe(true);
    expect(all.some(({ left, width }) => left + width === 100)).toBe(true);
  });

  it('falls back to the largest centred crop when no draw fits', () => {
    const options = { area: [1, 1], aspect: [3 / 4, 4 / 3] } as const; // a panorama has no such crop
    const crop = randomCrop({ width: 1000, height: 30 }, options, seededRandom(1));
    expect(crop).toEqual({ left: 480, top: 0, width: 40, height: 30 });
    const tall = randomCrop({ width: 30, height: 1000 }, options, seededRandom(1));
    expect(tall).toEqual({ left: 0, top: 480, width: 30, height: 40 });
  });

  it('works on an image of one pixel', () => {
    const crop = randomCrop({ width: 1, height: 1 }, PAPER, seededRandom(3));
    expect(crop).toEqual({ left: 0, top: 0, width: 1, height: 1 });
  });
});
