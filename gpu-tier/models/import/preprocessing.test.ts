import { describe, expect, it } from 'vitest';
import { choosePreprocessing, joinPrologue } from './preprocessing.ts';

const spec = { variant: 'lrn', classes: 2, inputSize: 224 } as const;

describe('preprocessing of an import', () => {
  it('is Caffe’s for networks with LRN', () => {
    expect(choosePreprocessing(spec, {})).toEqual({
      channelOrder: 'bgr',
      mean: [123, 117, 104],
      scale: [1, 1, 1],
      resize: { rule: 'warp', size: 256 },
      crop: 224,
    });
  });

  it('is torchvision’s for networks with batch norm', () => {
    const p = choosePreprocessing({ ...spec, variant: 'bn3x3' }, {});
    expect(p).toMatchObject({ channelOrder: 'rgb', resize: { rule: 'shorter-side', size: 256 } });
    // (v / 255 − 0.485) / 0.229 for red, and so on.
    for (const [c, mean] of [0.485, 0.456, 0.406].entries()) {
      expect(p.mean[c]! / 255).toBeCloseTo(mean, 9);
    }
    for (const [c, deviation] of [0.229, 0.224, 0.225].entries()) {
      expect(1 / (255 * p.scale[c]!)).toBeCloseTo(deviation, 9);
    }
  });

  it('keeps the proportion of resize and crop at other sizes', () => {
    expect(choosePreprocessing({ ...spec, inputSize: 160 }, {})).toMatchObject({
      resize: { size: 183 },
      crop: 160,
    });
  });

  it('follows flags', () => {
    const flags = { mean: [1, 2, 3], channelOrder: 'rgb', resize: { size: 300 } } as const;
    expect(choosePreprocessing(spec, flags)).toMatchObject({
      mean: [1, 2, 3],
      channelOrder: 'rgb',
      resize: { rule: 'warp', size: 300 },
    });
  });

  it('refuses flags that do not fit the file', () => {
    expect(() => choosePreprocessing(spec, { crop: 299 })).toThrow('input is 224 pixels');
    expect(() => choosePreprocessing(spec, { resize: { size: 200 } })).toThrow(
      'is smaller than the crop of 224',
    );
  });
});

describe('a prologue joined with preprocessing', () => {
  const before = choosePreprocessing(spec, { mean: [10, 20, 30], scale: [2, 4, 8] });

  it('equals both maps applied one after the other', () => {
    // The file reads blue, green, red, and swaps them back.
    const channels = [
      { source: 2, factor: 0.5, offset: 7 },
      { source: 1, factor: -3, offset: 0 },
      { source: 0, factor: 10, offset: -1 },
    ];
    const joined = joinPrologue(before, channels);
    expect(joined.channelOrder).toBe('rgb');
    const [r, g, b] = [200, 100, 50];
    const input = [(b - 30) * 8, (g - 20) * 4, (r - 10) * 2];
    channels.forEach(({ source, factor, offset }, c) => {
      const value = ([r, g, b][c]! - joined.mean[c]!) * joined.scale[c]!;
      expect(value).toBeCloseTo(input[source]! * factor + offset, 9);
    });
  });

  it('refuses a permutation that is neither RGB nor BGR, and a factor of zero', () => {
    const channel = (source: number, factor = 1) => ({ source, factor, offset: 0 });
    expect(() => joinPrologue(before, [channel(0), channel(0), channel(1)])).toThrow('rearranges');
    expect(() => joinPrologue(before, [channel(0), channel(1, 0), channel(2)])).toThrow(
      'rearranges',
    );
  });
});
