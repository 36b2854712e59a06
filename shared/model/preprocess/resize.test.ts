import { describe, expect, it } from 'vitest';
import {
  cropWindow,
  type Extent,
  type ResizeRule,
  type RgbImage,
  sha256,
  toInput,
} from '../index.ts';

const warp = { resize: { rule: 'warp', size: 256 }, crop: 224 } as const;

/** Every value 0..255, in no order that a resize would leave alone. */
function pattern(width: number, height: number): RgbImage {
  const value = (_: unknown, i: number) => (i * i * 31 + i * 7 + (i >> 3)) & 255;
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, value) };
}

const digest = async (input: Uint8Array<ArrayBuffer>) => (await sha256(input)).slice(0, 16);

/**
 * Digests made with Pillow 13.0: `Image.fromarray(pattern).resize(size, Image.BILINEAR, box=…)`,
 * then torchvision's centre crop; sha256 of the RGB bytes.
 */
describe('equals Pillow to the bit', () => {
  it.each<[number, number, ResizeRule, string]>([
    [504, 378, 'warp', '470b0e2cfa3896e6'],
    [504, 378, 'shorter-side', 'f223875dac216007'],
    [378, 504, 'shorter-side', '2d109f8ff323331a'],
    [256, 256, 'warp', '548e0be6ab4bd15f'],
    [1000, 257, 'shorter-side', 'be4406477029a2ba'],
    [31, 77, 'warp', '97beca9286bb8dab'],
    [1, 1, 'warp', '45de714a312c21a2'],
    [1201, 903, 'warp', 'c91568e53861c8bb'],
  ])('%i×%i, %s', async (width, height, rule, expected) => {
    const input = toInput(pattern(width, height), { resize: { rule, size: 256 }, crop: 224 });
    expect(await digest(input)).toBe(expected);
  });

  it.each<[Extent, string]>([
    [{ left: 0, top: 0, width: 126.25, height: 100.5 }, '25dd85a772a4260f'],
    [{ left: 0.75, top: 0.5, width: 126.25, height: 100.5 }, '156e5c2aa6b9e258'],
  ])('an extent that ends inside a pixel: %o', async (extent, expected) => {
    const input = toInput({ ...pattern(127, 101), extent }, warp);
    expect(await digest(input)).toBe(expected);
  });
});

/** The same filter in floating point, in one step over both axes, pixel by pixel. */
function slowly(image: RgbImage, rule: ResizeRule, size: number, crop: number): Float64Array {
  const window = cropWindow(image.width, image.height, { resize: { rule, size }, crop });
  const weights = (source: number, scaled: number, at: number) => {
    const scale = source / scaled;
    const support = Math.max(1, scale);
    const center = (at + 0.5) * scale;
    const all = Array.from({ length: source }, (_, i) => {
      return Math.max(0, 1 - Math.abs(i + 0.5 - center) / support);
    });
    const sum = all.reduce((a, b) => a + b);
    return all.map((weight) => weight / sum);
  };
  const out = new Float64Array(crop * crop * 3);
  for (let y = 0; y < crop; y++) {
    const down = weights(image.height, window.scaledHeight, window.top + y);
    for (let x = 0; x < crop; x++) {
      const across = weights(image.width, window.scaledWidth, window.left + x);
      for (let j = 0; j < image.height; j++) {
        if (down[j] === 0) continue;
        for (let i = 0; i < image.width; i++) {
          const weight = down[j]! * across[i]!;
          if (weight === 0) continue;
          for (let c = 0; c < 3; c++) {
            out[(y * crop + x) * 3 + c]! += weight * image.data[(j * image.width + i) * 3 + c]!;
          }
        }
      }
    }
  }
  return out;
}

describe('equals a plain implementation of the filter', () => {
  it.each<[number, number, ResizeRule, number, number]>([
    [61, 47, 'warp', 24, 16],
    [47, 61, 'shorter-side', 24, 17],
    [13, 90, 'warp', 24, 24],
    [10, 9, 'shorter-side', 24, 24],
  ])('%i×%i, %s to %i, crop %i', (width, height, rule, size, crop) => {
    const image = pattern(width, height);
    const input = toInput(image, { resize: { rule, size }, crop });
    const plain = slowly(image, rule, size, crop);
    // Both axes round to 8 bits, half a level each.
    for (let i = 0; i < plain.length; i++)
      expect(Math.abs(input[i]! - plain[i]!)).toBeLessThan(1.01);
  });
});

it('keeps a flat colour at every size', () => {
  for (const [width, height] of [
    [4032, 9],
    [3, 700],
    [257, 255],
  ] as const) {
    const data = new Uint8Array(width * height * 3).fill(201);
    expect(toInput({ width, height, data }, warp).every((value) => value === 201)).toBe(true);
  }
});

it('computes only the crop of the resized image', () => {
  const image = pattern(300, 200);
  const whole = toInput(image, { resize: { rule: 'warp', size: 40 }, crop: 40 });
  const part = toInput(image, { resize: { rule: 'warp', size: 40 }, crop: 30 });
  const row = (data: Uint8Array, y: number, width: number) =>
    data.subarray(y * width * 3, (y + 1) * width * 3);
  for (let y = 0; y < 30; y++) {
    expect(row(part, y, 30)).toEqual(row(whole, y + 5, 40).subarray(15, 105));
  }
});

describe('crop window', () => {
  it('follows torchvision: the longer side truncated, offsets rounded half to even', () => {
    const rule = (size: number, crop: number) => ({
      resize: { rule: 'shorter-side', size } as const,
      crop,
    });
    expect(cropWindow(500, 375, rule(256, 224))).toEqual({
      scaledWidth: 341,
      scaledHeight: 256,
      left: 58,
      top: 16,
    });
    expect(cropWindow(375, 500, rule(256, 224))).toEqual({
      scaledWidth: 256,
      scaledHeight: 341,
      left: 16,
      top: 58,
    });
    expect(cropWindow(100, 100, rule(25, 20))).toEqual({
      scaledWidth: 25,
      scaledHeight: 25,
      left: 2,
      top: 2,
    });
  });

  it('of a warp is the middle of the square', () => {
    expect(cropWindow(900, 20, warp)).toEqual({
      scaledWidth: 256,
      scaledHeight: 256,
      left: 16,
      top: 16,
    });
  });
});
