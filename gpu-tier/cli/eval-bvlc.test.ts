import { describeWithData } from '@hebb/test/support/data';
import { evaluateBvlc } from '@hebb/test/support/eval-bvlc';
import { expect, it } from 'vitest';

describeWithData('hebb eval of the BVLC weights', () => {
  it('finds the classes of flat files by their synset', async () => {
    const { float, int8 } = await evaluateBvlc(12);
    expect(int8).toBeUndefined();
    expect(float!.images).toBe(43);
    expect(float!.top1).toBeGreaterThan(0.7);
    expect(float!.top5).toBeGreaterThan(0.9);
  });
});
