import { googlenet } from '@hebb/model';
import { difference, expectSame, referenceResult } from '@hebb/test/graph/compare';
import {
  describeWithKernels,
  describeWithTensorFlow,
  tensorflow,
} from '@hebb/test/graph/tensorflow';
import { describeWithData } from '@hebb/test/support/data';
import { imagenetPhotos, importBvlc, photoPixels } from '@hebb/test/support/imagenet';
import { topK } from '@hebb/test/support/top';
import { beforeAll, expect, it } from 'vitest';
import type { InferenceModel } from './inference.ts';
import { createGraphRunner, type GraphResult } from './runner.ts';

const PHOTOS = process.env.HEBB_TEST_ALL === '1' ? 32 : 8;

describeWithData('BVLC’s weights and photographs', () => {
  describeWithTensorFlow('as a TensorFlow graph', () => {
    let model: InferenceModel;
    let pixels: Uint8Array;
    let reference: GraphResult;

    beforeAll(async () => {
      const { manifest, weights } = await importBvlc();
      const { preprocessing } = manifest;
      model = { network: googlenet(manifest.network), weights, preprocessing };
      const photos = imagenetPhotos(16).slice(0, PHOTOS);
      pixels = Buffer.concat(await Promise.all(photos.map(photoPixels)));
      reference = await referenceResult(model, pixels);
    });

    it('computes the same as plain tfjs ops in float32', () => inFloat32());

    it('stays within 0.03 of each probability in bfloat16', () => inBfloat16());

    describeWithKernels('on our own kernels', () => {
      it('computes the same as plain tfjs ops in float32', () => inFloat32({ kernels: true }));

      it('stays within 0.03 of each probability in bfloat16', () => inBfloat16({ kernels: true }));
    });

    async function inFloat32(options: { kernels?: boolean } = {}): Promise<void> {
      const runner = await createGraphRunner({ binding: tensorflow(), ...model, ...options });
      expectSame(runner.run(pixels, PHOTOS), reference);
      runner.dispose();
    }

    async function inBfloat16(options: { kernels?: boolean } = {}): Promise<void> {
      const half = { binding: tensorflow(), ...model, precision: 'bf16' } as const;
      const runner = await createGraphRunner({ ...half, ...options });
      const { probabilities } = runner.run(pixels, PHOTOS);
      runner.dispose();
      expect(difference(probabilities, reference.probabilities)).toBeLessThan(0.03);
      const same = Array.from({ length: PHOTOS }, (_, i) => i).filter((i) => {
        const row = (of: Float32Array) => of.subarray(i * 1000, (i + 1) * 1000);
        return topK(row(probabilities), 1)[0] === topK(row(reference.probabilities), 1)[0];
      });
      expect(same.length).toBeGreaterThanOrEqual(PHOTOS - 1);
    }
  });
});
