import { foldBatchNorm, googlenet } from '@hebb/model';
import { describeNative } from '@hebb/test/support/native';
import { testPreprocessing } from '@hebb/test/support/package';
import { randomPixels } from '@hebb/test/support/random-quantized';
import { randomWeights } from '@hebb/test/support/random-weights';
import { expect, it } from 'vitest';
import { calibrate } from './calibrate.ts';
import { lrnSteps } from './equalise.ts';
import { loadFloatNetwork } from './float-network.ts';
import { plainPlan } from './plan.ts';

describeNative('calibration on native TensorFlow and on tfjs', (native) => {
  const unfolded = googlenet({ variant: 'lrn', classes: 10, inputSize: 64 });
  const { network, weights } = foldBatchNorm(unfolded, randomWeights(unfolded, 4));
  const model = { network, weights, preprocessing: testPreprocessing(64) };
  const images = Array.from({ length: 11 }, (_, i) => randomPixels(64, i)); // not a whole batch

  it('gives the same scales to within one percent', async () => {
    const [a, b] = await Promise.all(
      [native, {}].map(async (backend) => {
        const float = await loadFloatNetwork(model, backend);
        const calibration = calibrate(float, network, images);
        const [logits] = float.run(images.slice(0, 3), ['linear']);
        const product = float.product(Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6), 2);
        float.dispose();
        return { calibration, logits: logits!, product };
      }),
    );
    expect([...a!.product]).toEqual([1 * 5 + 3 * 6, 2 * 5 + 4 * 6]);
    expect(b!.product).toEqual(a!.product);
    expect(a!.logits.length).toBe(30);
    for (const [i, logit] of a!.logits.entries()) expect(b!.logits[i]).toBeCloseTo(logit, 4);
    const rule = { rule: 'percentile', percent: 99.99 } as const;
    const scales = [a!, b!].map(({ calibration }) => plainPlan(network, calibration, rule).scales);
    expect(scales[0]!.size).toBeGreaterThan(20);
    for (const [layer, scale] of scales[0]!) {
      expect(Math.abs(scales[1]!.get(layer)! / scale - 1), layer).toBeLessThan(0.01);
    }
    const [x, y] = [a!, b!].map(({ calibration }) => lrnSteps(network, weights, calibration));
    expect([...x!.keys()]).toEqual(['conv1', 'conv2']);
    for (const [name, steps] of x!) {
      for (const [c, step] of steps.entries()) {
        expect(Math.abs(y!.get(name)![c]! / step - 1), name).toBeLessThan(0.01);
      }
    }
  });
});
