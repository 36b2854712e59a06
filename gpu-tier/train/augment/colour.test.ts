import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random/random.ts';
import { type ColourChange, changeColour, drawColour, LUMA, RGB_OF_YIQ, YIQ } from './colour.ts';

const SAME: ColourChange = { brightness: 1, contrast: 1, saturation: 1, hue: 0 };

type Rgb = [number, number, number];
const grey = (rgb: Rgb) => LUMA[0] * rgb[0] + LUMA[1] * rgb[1] + LUMA[2] * rgb[2];
const times = (matrix: readonly (readonly number[])[], v: Rgb) =>
  matrix.map((row) => row[0]! * v[0] + row[1]! * v[1] + row[2]! * v[2]) as Rgb;

/** The changes step by step, rounded only at the end. */
function slowly(pixels: Uint8Array, change: ColourChange): number[] {
  let image: Rgb[] = [];
  for (let i = 0; i < pixels.length; i += 3)
    image.push([pixels[i]!, pixels[i + 1]!, pixels[i + 2]!]);
  image = image.map((rgb) => rgb.map((v) => v * change.brightness) as Rgb);
  const mean = image.reduce((sum, rgb) => sum + grey(rgb), 0) / image.length;
  image = image.map((rgb) => rgb.map((v) => mean + change.contrast * (v - mean)) as Rgb);
  image = image.map((rgb) => {
    const own = grey(rgb);
    return rgb.map((v) => own + change.saturation * (v - own)) as Rgb;
  });
  const angle = (change.hue * Math.PI) / 180;
  image = image.map((rgb) => {
    const [y, i, q] = times(YIQ, rgb);
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    return times(RGB_OF_YIQ, [y, c * i - s * q, s * i + c * q]);
  });
  return image.flat().map((v) => Math.min(255, Math.max(0, v)));
}

const randomPixels = (seed: number) => {
  const random = seededRandom(seed);
  return Uint8Array.from({ length: 300 }, () => Math.floor(256 * random()));
};

const changed = (pixels: Uint8Array, change: Partial<ColourChange>) => {
  const copy = pixels.slice();
  changeColour(copy, { ...SAME, ...change });
  return copy;
};

describe('changing colours', () => {
  it('in one pass equals the separate steps', () => {
    const options = { brightness: 0.5, contrast: 0.5, saturation: 0.5, hue: 60 };
    for (let seed = 0; seed < 50; seed++) {
      const change = drawColour(options, seededRandom(seed));
      const pixels = randomPixels(seed);
      const fast = changed(pixels, change);
      slowly(pixels, change).forEach((value, i) => {
        expect(Math.abs(fast[i]! - value)).toBeLessThanOrEqual(0.5001);
      });
    }
  });

  it('leaves the image unchanged without options', () => {
    const pixels = randomPixels(7);
    expect(changed(pixels, {})).toEqual(pixels);
  });

  it('to no saturation gives greys, and greys keep any hue and saturation', () => {
    const pixels = changed(randomPixels(8), { saturation: 0 });
    for (let i = 0; i < pixels.length; i += 3) {
      expect(pixels[i]).toBe(pixels[i + 1]);
      expect(pixels[i]).toBe(pixels[i + 2]);
    }
    expect(changed(pixels, { saturation: 1.7, hue: 120 })).toEqual(pixels);
  });

  it('to no contrast gives the mean grey everywhere', () => {
    expect(new Set(changed(randomPixels(9), { contrast: 0 })).size).toBe(1);
  });

  it('clamps values that are too bright', () => {
    expect(changed(Uint8Array.of(10, 100, 200), { brightness: 2 })).toEqual(
      Uint8Array.of(20, 200, 255),
    );
  });

  it('is drawn symmetrically around no change', () => {
    const draws = Array.from({ length: 1000 }, (_, seed) =>
      drawColour({ brightness: 0.4, contrast: 0, saturation: 0, hue: 10 }, seededRandom(seed)),
    );
    const mean = draws.reduce((sum, { brightness }) => sum + brightness, 0) / draws.length;
    expect(mean).toBeCloseTo(1, 1);
    expect(draws.every(({ brightness: b }) => b >= 0.6 && b <= 1.4)).toBe(true);
    expect(draws.every(({ contrast, hue }) => contrast === 1 && Math.abs(hue) <= 10)).toBe(true);
  });
});
