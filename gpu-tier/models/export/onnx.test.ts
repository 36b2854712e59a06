import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { foldBatchNorm, normalise, VARIANTS, type Variant } from '@hebb/model';
import { expectSame, noise, randomModel, referenceResult } from '@hebb/test/graph/compare';
import { bytesOf } from '@hebb/test/support/bytes-of';
import { labelsFor } from '@hebb/test/support/import-onnx';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { importOnnx } from '../import/importer.ts';
import { decodeMetadata, onnxFile } from './onnx.ts';

const QUICK = (Object.keys(VARIANTS) as Variant[]).filter((name) => name !== 'naive');
const PRODUCER = { name: 'hebb', version: '1.2.3' };

function exported(variant: Variant, inputSize = 64, output?: 'sigmoid') {
  const model = randomModel(variant, inputSize, output);
  const preprocessing = {
    ...model.preprocessing,
    resize: { rule: 'warp', size: 80 } as const,
    crop: inputSize,
  };
  const manifest = {
    name: 'test',
    version: 'f00d',
    network: model.network.spec,
    preprocessing,
    labels: labelsFor(10),
  };
  return { model, manifest, file: onnxFile(manifest, model.weights, PRODUCER) };
}

describe('a package as an ONNX file', () => {
  it('has no fully connected head', () => {
    const { model, manifest } = exported('lrn');
    const network = { ...manifest.network, head: 'fullyConnected' } as const;
    expect(() => onnxFile({ ...manifest, network }, model.weights, PRODUCER)).toThrow(
      expect.objectContaining({ code: 'unsupported_model' }),
    );
  });

  it.each(QUICK)('%s: ONNX Runtime computes the same as plain tfjs ops', async (variant) => {
    for (const side of [64, 75]) {
      const { model, file } = exported(variant, side);
      const pixels = noise(3, side);
      const input = toNchw(normalise(pixels, model.preprocessing), side);
      const session = await InferenceSession.create(file, { logSeverityLevel: 3 });
      const feeds = { image: new Tensor('float32', input, [3, 3, side, side]) };
      const { probabilities, logits, embedding } = await session.run(feeds);
      await session.release();
      const data = (tensor: Tensor | undefined) => tensor!.data as Float32Array;
      expect(embedding!.dims).toEqual([3, 1024]);
      expectSame(
        {
          probabilities: data(probabilities),
          logits: data(logits),
          embedding: data(embedding),
        },
        await referenceResult(model, pixels),
      );
    }
  });

  it('ends in sigmoid where the network does', async () => {
    const { model, file } = exported('lrn', 64, 'sigmoid');
    const pixels = noise(2, 64);
    const input = toNchw(normalise(pixels, model.preprocessing), 64);
    const session = await InferenceSession.create(file, { logSeverityLevel: 3 });
    const { probabilities } = await session.run({
      image: new Tensor('float32', input, [2, 3, 64, 64]),
    });
    await session.release();
    const expected = (await referenceResult(model, pixels)).probabilities;
    expect(probabilities!.dims).toEqual([2, 10]);
    for (const [i, p] of (probabilities!.data as Float32Array).entries()) {
      expect(p).toBeCloseTo(expected[i]!, 4);
    }
  });

  it.each(QUICK)('%s: hebb import reads the same network back', async (variant) => {
    const { model, manifest, file } = exported(variant);
    const path = join(await temporaryFolder(), 'test.onnx');
    await writeFile(path, file);
    const labels = labelsFor(10);
    const imported = await importOnnx(path, { name: 'again', labels, importer: 'test' });
    const folded = foldBatchNorm(model.network, model.weights);
    const { variant: found, classes, inputSize } = imported.manifest.network;
    expect({ found, classes, inputSize }).toEqual({ found: variant, classes: 10, inputSize: 64 });
    expect([...imported.weights.keys()].sort()).toEqual([...folded.weights.keys()].sort());
    for (const [name, { data }] of imported.weights) {
      const same = bytesOf(data).equals(bytesOf(folded.weights.get(name)!.data));
      expect(same, name).toBe(true);
    }
    expect(imported.manifest.lineage.producer).toBe('hebb 1.2.3');
    expect(manifest.network.classes).toBe(10);
  });

  it('describes preprocessing and labels in its metadata', () => {
    const { manifest, file } = exported('lrn');
    const { labels, preprocessing, ...rest } = decodeMetadata(file);
    expect(rest).toEqual({ package: 'test', version: 'f00d' });
    expect(JSON.parse(labels!)).toEqual(manifest.labels);
    expect(JSON.parse(preprocessing!)).toEqual(manifest.preprocessing);
  });
});

/** [n, s, s, 3] to [n, 3, s, s]. */
function toNchw(nhwc: Float32Array, side: number): Float32Array {
  const [area, image] = [side * side, side * side * 3];
  return nhwc.map((_, i) => {
    const [n, c, at] = [Math.floor(i / image), Math.floor((i % image) / area), i % area];
    return nhwc[n * image + at * 3 + c]!;
  });
}
