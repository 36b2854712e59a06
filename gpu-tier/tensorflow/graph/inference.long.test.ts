import { expectSame, noise, randomModel, referenceResult } from '@hebb/test/graph/compare';
import { describeWithTensorFlow, tensorflow } from '@hebb/test/graph/tensorflow';
import { it } from 'vitest';
import { createGraphRunner } from './runner.ts';

describeWithTensorFlow('the naive network as a TensorFlow graph', () => {
  it('computes the same as plain tfjs ops', { timeout: 300_000 }, async () => {
    const model = randomModel('naive', 32);
    const runner = await createGraphRunner({ binding: tensorflow(), ...model });
    const pixels = noise(2, 32);
    expectSame(runner.run(pixels, 2), await referenceResult(model, pixels));
    runner.dispose();
  });
});
