import { toInput } from '@hebb/model';
import { decode } from '@hebb/test/decode/edge';
import { difference, encoder, picture } from '@hebb/test/decode/pictures';
import { decodeFile } from '@hebb/test/support/sharp-decode';
import { describe, expect, it } from 'vitest';
import { chooseReduction } from './reduce.ts';

it.each([
  [4032, 3024, 256, 8],
  [3024, 4032, 256, 8],
  [2048, 2048, 256, 8],
  [2047, 9000, 256, 4],
  [500, 375, 256, 1],
  [1023, 512, 256, 2],
  [100, 100, 256, 1],
])('%i×%i for a resize to %i is decoded at 1/%i', (width, height, size, reduction) => {
  for (const rule of ['warp', 'shorter-side'] as const) {
    expect(chooseReduction(width, height, { rule, size })).toBe(reduction);
  }
});

describe('both tiers see the same pixels', () => {
  const rules = ['warp', 'shorter-side'] as const;
  const orientations = [1, 2, 3, 4, 5, 6, 7, 8];

  it.each(orientations)('orientation %i, at full size: to the bit', async (orientation) => {
    const image = encoder(picture(409, 331)).withMetadata({ orientation }).jpeg();
    const bytes = await image.toBuffer();
    const edge = await decode(bytes);
    const upright = orientation < 5 ? [409, 331] : [331, 409];
    expect([edge.sourceWidth, edge.sourceHeight]).toEqual(upright);
    for (const rule of rules) {
      const preprocessing = { resize: { rule, size: 256 }, crop: 224 };
      const full = await decodeFile(bytes, preprocessing);
      expect(difference(toInput(edge, preprocessing), full).max).toBe(0);
    }
  });

  // 409 × 331 at 1/4 ends inside a pixel, which comes first where the picture is mirrored.
  it.each(orientations)('orientation %i, reduced: within a grey level', async (orientation) => {
    const preprocessing = { resize: { rule: 'warp', size: 80 }, crop: 64 } as const;
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const image = encoder(picture(409, 331)).withMetadata({ orientation });
      const bytes = await image.toFormat(format, { quality: 95 }).toBuffer();
      const edge = await decode(bytes, { target: preprocessing.resize });
      expect(Math.max(edge.width, edge.height)).toBe(format === 'jpeg' ? 205 : 103);
      const input = toInput(edge, preprocessing);
      const full = await decodeFile(bytes, preprocessing);
      expect(difference(input, full).mean).toBeLessThan(0.75);
    }
  });
});
