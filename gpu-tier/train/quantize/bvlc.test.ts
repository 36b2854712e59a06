import { loadEngine } from '@hebb/engine';
import { readQuantizedModel } from '@hebb/model';
import { runReference } from '@hebb/model/int8/reference';
import { describeWithData } from '@hebb/test/support/data';
import { imagenetPhotos } from '@hebb/test/support/imagenet';
import { kernels } from '@hebb/test/support/kernels';
import { quantizeBvlc } from '@hebb/test/support/quantize-bvlc';
import { decodeFile } from '@hebb/test/support/sharp-decode';
import { expect, it } from 'vitest';

describeWithData('the BVLC weights in int8', () => {
  it('answer like float32, take 7.3 MB, and equal the plain reference on photographs', async () => {
    const photos = imagenetPhotos(12);
    const all = { calibrate: photos, evaluate: photos };
    const { comparison, folder, noise, size } = await quantizeBvlc(all, 20, {
      maxLoss: 100 / 43, // one image
      minAgreement: 92,
    });
    expect(comparison.images).toBe(43);
    expect(comparison.labelled).toBe(43);
    expect(comparison.float!.top1).toBeGreaterThan(70);
    expect(comparison.float!.top1 - comparison.int8!.top1).toBeLessThanOrEqual(100 / 43); // one image
    expect(comparison.agreement).toBeGreaterThanOrEqual(92);
    expect(size.int8).toBeLessThan(7.3e6);
    expect(Math.min(...noise.map(({ decibels }) => decibels))).toBeGreaterThan(10);

    const { network, preprocessing, labels } = folder.manifest;
    const weights = await folder.bytes('int8');
    const model = readQuantizedModel(network, await folder.tensors('int8'));
    const photo = imagenetPhotos().find((path) => path.includes('tench'))!;
    const pixels = await decodeFile(photo, preprocessing);
    const expected = runReference(model, pixels).probabilities;
    for (const [module, conv, bytes] of [
      [kernels.relaxed, 'dot', 12e6],
      [kernels.relaxed, 'paired', 24.5e6], // with the transformed weights of Winograd's convolutions
      [kernels.simd128, 'widen', 24.5e6],
    ] as const) {
      const engine = loadEngine(module, network, weights, { conv });
      expect(engine.classify(pixels)).toEqual(expected);
      expect(engine.memoryBytes()).toBeLessThan(bytes);
    }
    expect(labels[expected.indexOf(Math.max(...expected))]!.name).toContain('tench');
  });
});
