import { expect, it } from 'vitest';
import { describeWithData } from '../support/data.ts';
import { evaluateBvlc } from '../support/eval-bvlc.ts';

describeWithData('hebb eval of the BVLC weights, on all 515 photographs', () => {
  // onnxruntime, from pixels of another decoder: 79.4 % and 93.8 % of 500 of them.
  it('finds 78.8 % right, and 93.6 % among the first five', { timeout: 600_000 }, async () => {
    const { float } = await evaluateBvlc(1);
    expect(float!.images).toBe(515);
    expect(100 * float!.top1).toBeCloseTo(78.8, 1);
    expect(100 * float!.top5).toBeCloseTo(93.6, 1);
    expect(float!.calibration.error).toBeLessThan(0.06);
  });
});
