/**
 * The built-in model on our drawings of flowers.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadEngine } from '@hebb/engine';
import { createReference, googlenet, normalise } from '@hebb/model';
import { type PackageFolder, readPackage } from '@hebb/packages/folder';
import { loadTfjsWasm } from '@hebb/tensorflow/backend/tfjs-wasm';
import { topK } from '@hebb/train/quantize/evaluate';
import { loadKernels } from '@hebb/train/quantize/kernels';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeFile } from '../support/sharp-decode.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const DRAWINGS = { 'daisy.jpg': 'daisy', 'sunflower.jpg': 'sunflowers', 'tulips.jpg': 'tulips' };

let builtIn: PackageFolder;
let pixels: Uint8Array[];

beforeAll(async () => {
  builtIn = await readPackage(join(ROOT, 'shared', 'model', 'default'));
  pixels = await Promise.all(
    Object.keys(DRAWINGS).map((file) =>
      decodeFile(join(ROOT, 'test', 'samples', file), builtIn.manifest.preprocessing),
    ),
  );
});

describe('the built-in model', () => {
  const answer = (probabilities: Float32Array) =>
    builtIn.manifest.labels[topK(probabilities, 1)[0]!]!.name;

  it('classifies the drawn flowers in int8, with the edge’s engine', async () => {
    const { network } = builtIn.manifest;
    const engine = loadEngine(await loadKernels(), network, await builtIn.bytes('int8'));
    expect(pixels.map((image) => answer(engine.classify(image)))).toEqual(Object.values(DRAWINGS));
  });

  it('classifies them in float32', async () => {
    const { network, preprocessing } = builtIn.manifest;
    const weights = await builtIn.tensors('f32');
    const reference = createReference(await loadTfjsWasm(), googlenet(network), weights);
    const answers = pixels.map((image) =>
      answer(reference.classify(normalise(image, preprocessing))),
    );
    reference.dispose();
    expect(answers).toEqual(Object.values(DRAWINGS));
  });

  it('has less than 25 MB, and its measured accuracy', () => {
    const { files, metrics, quantization, training } = builtIn.manifest;
    const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
    expect(bytes).toBeLessThan(25e6);
    expect(metrics?.int8?.top1).toBeGreaterThanOrEqual(90);
    expect(quantization?.agreement).toBeGreaterThan(95);
    expect(training?.images).toBe(2931);
  });

  it('has its configuration, log and report in the docs', async () => {
    const folder = join(ROOT, 'docs', 'built-in-model');
    const { config } = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
    const log = (await readFile(join(folder, 'log.jsonl'), 'utf8')).trim().split('\n');
    expect(JSON.parse(log.at(-1)!).epoch).toBe(config.epochs);
    expect(await readFile(join(folder, 'report.html'), 'utf8')).not.toContain('data:image/jpeg');
  });
});
