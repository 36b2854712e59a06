import { describeWithData } from '@hebb/test/support/data';
import { referenceParity } from '@hebb/test/support/reference-parity';
import { expect, it } from 'vitest';

describeWithData('the reference on the BVLC weights', () => {
  it('gives ONNX Runtime’s probabilities and top 5 on 24 photographs', async () => {
    const parity = await referenceParity(22);
    expect(parity.photos).toBe(24);
    expect(parity.worst).toBeLessThan(1e-4);
    expect(parity.otherTop5).toEqual([]);
    expect(parity.top1).toBeGreaterThan(0.6); // it does recognise things
  });
});
