import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random/random.ts';
import { applyOperation, erase, TRIVIAL_OPERATIONS, trivialAugment } from './trivial.ts';

const SIZE = 12;
const [SHEAR_X, TRANSLATE_X, ROTATE, SHARPNESS, POSTERIZE, SOLARIZE, AUTO_CONTRAST, EQUALIZE] = [
  1, 3, 5, 9, 10, 11, 12, 13,
];

const randomPixels = (seed: number, from = 0, to = 256) => {
  const random = seededRandom(seed);
  return Uint8Array.from({ length: SIZE * SIZE * 3 }, () =>
    Math.floor(from + (to - from) * random()),
  );
};

const changed = (pixels: Uint8Array, operation: number, strength: number, sign = 1) => {
  const copy = pixels.slice();
  applyOperation(copy, SIZE, operation, strength, sign);
  return copy;
};

describe('TrivialAugment', () => {
  it('changes nothing at strength 0, except for the operations without a strength', () => {
    const pixels = randomPixels(1);
    for (let operation = 0; operation < TRIVIAL_OPERATIONS; operation++) {
      // A threshold of 255 inverts white.
      if (operation >= SOLARIZE) continue;
      expect(changed(pixels, operation, 0)).toEqual(pixels);
    }
  });

  it('shifts an image by whole pixels and fills what comes in with grey', () => {
    const pixels = randomPixels(2);
    const shifted = changed(pixels, TRANSLATE_X, 7 / SIZE); // 32 / 224 of 12 pixels is 12 / 7
    for (let y = 0; y < SIZE; y++) {
      const row = y * SIZE * 3;
      expect(shifted.subarray(row, row + (SIZE - 1) * 3)).toEqual(
        pixels.subarray(row + 3, row + SIZE * 3),
      );
      expect([...shifted.subarray(row + (SIZE - 1) * 3, row + SIZE * 3)]).toEqual([128, 128, 128]);
    }
  });

  it('turns an image by a quarter around its centre', () => {
    const pixels = randomPixels(3);
    const turned = changed(pixels, ROTATE, 90 / 135);
    const at = (image: Uint8Array, x: number, y: number) => image[(y * SIZE + x) * 3]!;
    for (let y = 0; y < SIZE; y++) {
      for (let x = 0; x < SIZE; x++) {
        expect(Math.abs(at(turned, x, y) - at(pixels, y, SIZE - 1 - x))).toBeLessThanOrEqual(1);
      }
    }
  });

  it('shears more the further a row is from the middle', () => {
    const pixels = new Uint8Array(SIZE * SIZE * 3).fill(200);
    const sheared = changed(pixels, SHEAR_X, 1);
    const filled = (y: number) =>
      [...sheared.subarray(y * SIZE * 3, (y + 1) * SIZE * 3)].filter((v) => v !== 200).length;
    expect(filled(0)).toBeGreaterThan(filled(4));
    expect(filled(5)).toBe(filled(6));
  });

  it('keeps the border and even areas when it sharpens', () => {
    const even = new Uint8Array(SIZE * SIZE * 3).fill(77);
    expect(changed(even, SHARPNESS, 1)).toEqual(even);
    const pixels = randomPixels(4);
    expect(changed(pixels, SHARPNESS, 1).subarray(0, SIZE * 3)).toEqual(
      pixels.subarray(0, SIZE * 3),
    );
  });

  it('keeps two bits of a value at least', () => {
    expect(new Set(changed(randomPixels(5), POSTERIZE, 1))).toEqual(new Set([0, 64, 128, 192]));
  });

  it('inverts what is brighter than the threshold', () => {
    const pixels = randomPixels(6);
    expect(changed(pixels, SOLARIZE, 1)).toEqual(pixels.map((v) => 255 - v));
  });

  it('stretches each channel to the whole range', () => {
    const stretched = changed(randomPixels(7, 100, 150), AUTO_CONTRAST, 0);
    for (let c = 0; c < 3; c++) {
      const values = [...stretched].filter((_, i) => i % 3 === c);
      expect([Math.min(...values), Math.max(...values)]).toEqual([0, 255]);
    }
  });

  it('flattens the histogram of an image with enough pixels', () => {
    const size = 64;
    const random = seededRandom(8);
    const dark = Uint8Array.from({ length: size * size * 3 }, () =>
      Math.floor(256 * random() ** 3),
    );
    applyOperation(dark, size, EQUALIZE, 0, 1);
    const mean = dark.reduce((sum, v) => sum + v, 0) / dark.length;
    expect(mean).toBeGreaterThan(110);
    expect(mean).toBeLessThan(145);
  });

  it('draws each operation, and the same one for the same seed', () => {
    const results = Array.from({ length: 300 }, (_, seed) => {
      const pixels = randomPixels(9);
      trivialAugment(pixels, SIZE, seededRandom(seed));
      return pixels;
    });
    const again = randomPixels(9);
    trivialAugment(again, SIZE, seededRandom(17));
    expect(again).toEqual(results[17]);
    expect(new Set(results.map((pixels) => pixels.join())).size).toBeGreaterThan(200);
  });
});

describe('random erasing', () => {
  it('greys 2 to 33 % of the image, as one rectangle', () => {
    for (let seed = 0; seed < 200; seed++) {
      const pixels = new Uint8Array(96 * 96 * 3);
      erase(pixels, 96, seededRandom(seed));
      const share = pixels.filter((v) => v === 128).length / pixels.length;
      expect(share).toBeGreaterThan(0.015);
      expect(share).toBeLessThan(0.34);
    }
  });
});
