import { toInput } from '@hebb/model/preprocess/resize';
import { photo } from '@hebb/test/support/photos';
import { decodeFull } from '@hebb/test/support/sharp-decode';
import { describe, expect, it } from 'vitest';
import { augmentImage, mirror } from './augment.ts';
import type { AugmentOptions } from './batch.ts';

const NONE: AugmentOptions = {
  area: [1, 1],
  aspect: [1, 1],
  mirror: false,
  brightness: 0,
  contrast: 0,
  saturation: 0,
  hue: 0,
  trivialAugment: false,
  erasing: 0,
};
const ALL: AugmentOptions = {
  area: [0.08, 1],
  aspect: [3 / 4, 4 / 3],
  mirror: true,
  brightness: 0.4,
  contrast: 0.4,
  saturation: 0.4,
  hue: 15,
  trivialAugment: true,
  erasing: 0.5,
};

const image = await decodeFull(await photo(1, { width: 64, height: 64 }));

describe('an augmented image', () => {
  it('without any change is the image, resized as on the edge', () => {
    const plain = toInput(image, { resize: { rule: 'warp', size: 32 }, crop: 32 });
    expect(augmentImage(image, NONE, 5, 32)).toEqual(plain);
  });

  it('is decided by its seed', () => {
    expect(augmentImage(image, ALL, 5, 32)).toEqual(augmentImage(image, ALL, 5, 32));
    expect(augmentImage(image, ALL, 5, 32)).not.toEqual(augmentImage(image, ALL, 6, 32));
  });

  it('is mirrored in half of the draws', () => {
    const plain = augmentImage(image, NONE, 0, 16);
    const flipped = plain.slice();
    mirror(flipped, 16);
    const seen = Array.from({ length: 400 }, (_, seed) => {
      const pixels = augmentImage(image, { ...NONE, mirror: true }, seed, 16);
      if (Buffer.compare(pixels, plain) === 0) return 0;
      expect(pixels).toEqual(flipped);
      return 1 as number;
    });
    const share = seen.reduce((a, b) => a + b) / 400;
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.6);
  });

  it('has the same crop, independent of the other changes', () => {
    const { area, aspect } = ALL;
    const cropped = augmentImage(image, { ...NONE, area, aspect }, 9, 16);
    const mirrored = augmentImage(image, { ...NONE, area, aspect, mirror: true }, 9, 16);
    const unmirrored = mirrored.slice();
    mirror(unmirrored, 16);
    expect([Buffer.from(mirrored), Buffer.from(unmirrored)]).toContainEqual(Buffer.from(cropped));
  });
});

describe('mirror', () => {
  it('swaps left and right, pixel by pixel', () => {
    const pixels = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19);
    mirror(pixels, 3);
    expect([...pixels]).toEqual([7, 8, 9, 4, 5, 6, 1, 2, 3, 17, 18, 19, 14, 15, 16, 11, 12, 13]);
  });
});
