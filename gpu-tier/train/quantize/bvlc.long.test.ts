import committed from '@hebb/bench/results/quantize.json' with { type: 'json' };
import { describeWithData } from '@hebb/test/support/data';
import { imagenetPhotos } from '@hebb/test/support/imagenet';
import { quantizeBvlc } from '@hebb/test/support/quantize-bvlc';
import { expect, it } from 'vitest';

const FOLDS = 5;

describeWithData('the BVLC weights in int8, on all 515 photographs', () => {
  it('lose at most 0.5 points of top-1 and agree in at least 95 %', {
    timeout: 600_000,
  }, async () => {
    const photos = imagenetPhotos();
    const { comparison, size } = await quantizeBvlc({ calibrate: photos, evaluate: photos }, 200, {
      maxLoss: 0.5,
      minAgreement: 95,
    });
    expect(comparison.images).toBe(515);
    expect(comparison.labelled).toBe(515);
    expect(comparison.float!.top1 - comparison.int8!.top1).toBeLessThanOrEqual(0.5);
    expect(comparison.agreement).toBeGreaterThanOrEqual(95);
    expect(size.int8).toBeLessThanOrEqual(7.3e6);
    // The README's figures; float32 on another CPU may differ for an image or two.
    for (const precision of ['float', 'int8'] as const) {
      const off = comparison[precision]!.top1 - committed.quantization[precision].top1;
      expect(Math.abs(off)).toBeLessThanOrEqual((100 * 2) / 515);
    }
  });

  it('lose at most 0.4 points on photographs that they were not calibrated on', {
    timeout: 1_800_000,
  }, async () => {
    const photos = imagenetPhotos();
    let [agreed, float, int8] = [0, 0, 0];
    for (let fold = 0; fold < FOLDS; fold++) {
      const isTested = (_: string, i: number) => i % FOLDS === fold;
      const { comparison } = await quantizeBvlc(
        {
          calibrate: photos.filter((photo, i) => !isTested(photo, i)),
          evaluate: photos.filter(isTested),
        },
        200,
        { maxLoss: 5, minAgreement: 90 },
      );
      const { images } = comparison;
      agreed += (images * comparison.agreement) / 100;
      float += (images * comparison.float!.top1) / 100;
      int8 += (images * comparison.int8!.top1) / 100;
    }
    expect((100 * agreed) / photos.length).toBeGreaterThanOrEqual(98);
    expect((100 * (float - int8)) / photos.length).toBeLessThanOrEqual(0.4); // two images
  });
});
