import committed from '@hebb/bench/results/quantize.json' with { type: 'json' };
import { describeWithData } from '@hebb/test/support/data';
import { quantizeBvlc } from '@hebb/test/support/quantize-bvlc';
import { expect, it } from 'vitest';

describeWithData('the BVLC weights in int8, on all 515 photographs', () => {
  it('lose at most 0.5 points of top-1 and agree in at least 95 %', {
    timeout: 600_000,
  }, async () => {
    const { comparison, size } = await quantizeBvlc(1, 100, { maxLoss: 0.5, minAgreement: 95 });
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
});
