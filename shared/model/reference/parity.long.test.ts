import { describeWithData } from '@hebb/test/support/data';
import { referenceParity } from '@hebb/test/support/reference-parity';
import { expect, it } from 'vitest';

describeWithData('the reference on the BVLC weights', () => {
  it('gives ONNX Runtime’s probabilities and top 5 on all 515 photographs', async () => {
    const parity = await referenceParity(1);
    expect(parity.photos).toBe(515);
    expect(parity.worst).toBeLessThan(1e-4);
    expect(parity.otherTop5).toEqual([]);
    expect(parity.top1).toBeGreaterThan(0.75);
  }, 600_000);
});
