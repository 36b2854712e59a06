import { expect, it } from 'vitest';
import { loadEngine } from '../../edge/engine/int8/index.ts';
import { readQuantizedModel } from '../../shared/model/index.ts';
import { runReference } from '../../shared/model/int8/reference.ts';
import { describeWithData } from '../support/data.ts';
import { imagenetPhotos } from '../support/imagenet.ts';
import { kernels } from '../support/kernels.ts';
import { quantizeBvlc } from '../support/quantize-bvlc.ts';
import { decodeFile } from '../support/sharp-decode.ts';

describeWithData('the BVLC weights in int8', () => {
  it('answer like float32, take 7.3 MB, and equal the plain reference on photographs', async () => {
    const { comparison, folder, noise, size } = await quantizeBvlc(12, 20, {
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
