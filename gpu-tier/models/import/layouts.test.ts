/**
 * Layouts of different exporters: the imported network computes the same as ONNX Runtime with the file.
 */

import { foldBatchNorm, type Variant } from '@hebb/model';
import { importModel } from '@hebb/test/support/import-onnx';
import { importDifference, randomNetwork } from '@hebb/test/support/import-parity';
import type { OnnxStyle } from '@hebb/test/support/onnx-head';
import { withExternalData, withHalfData, withTypedData } from '@hebb/test/support/onnx-storage';
import { onnxModel } from '@hebb/test/support/onnx-writer';
import { describe, expect, it } from 'vitest';
import { encodeModel } from '../onnx/model.ts';
import type { Imported } from './importer.ts';

/** Writes the variant in this style, imports it and compares; returns what was imported. */
async function roundTrip(variant: Variant, style: OnnxStyle, inputSize = 64): Promise<Imported> {
  const { network, weights } = randomNetwork(variant, inputSize);
  const model = onnxModel(network, weights, style);
  const imported = await importModel(model, { flags: { crop: inputSize } });
  const difference = await importDifference(encodeModel(model), imported, style.softmax);
  expect(difference).toBeLessThan(1e-4);
  return imported;
}

const ZOO: OnnxStyle = {
  pool: 'pads',
  average: 'AveragePool',
  flatten: 'Reshape',
  linear: 'Gemm transB',
  dropout: true,
  softmax: true,
};

describe('layouts of exporters', () => {
  it('reads the ONNX Model Zoo’s: LRN, 5×5, pools padded at the end', async () => {
    const { manifest } = await roundTrip('lrn', ZOO);
    expect(manifest.network).toEqual({ variant: 'lrn', classes: 10, inputSize: 64 });
    expect(manifest.preprocessing).toMatchObject({ channelOrder: 'bgr', mean: [123, 117, 104] });
  });

  it('reads torchvision’s: separate batch norm, 3×3 third branch', async () => {
    const { manifest } = await roundTrip('bn3x3', {});
    expect(manifest.network).toMatchObject({ variant: 'bn3x3', folded: true });
    expect(manifest.preprocessing).toMatchObject({
      channelOrder: 'rgb',
      mean: [123.675, 116.28, 103.53],
    });
  });

  it('reads torchvision’s with batch norm folded by the exporter', async () => {
    const { network, weights } = randomNetwork('bn3x3');
    const folded = foldBatchNorm(network, weights);
    const model = onnxModel(folded.network, folded.weights);
    const imported = await importModel(model);
    expect(imported.manifest.network).toMatchObject({ variant: 'bn3x3', folded: true });
    expect(await importDifference(encodeModel(model), imported)).toBeLessThan(1e-4);
  });

  it('moves transform_input into the preprocessing', async () => {
    const { manifest } = await roundTrip('bn3x3', { transformInput: true });
    // It turns torchvision's normalisation into (v / 255 − 0.5) / 0.5.
    for (const c of [0, 1, 2]) {
      expect(manifest.preprocessing.mean[c]).toBeCloseTo(127.5, 3);
      expect(manifest.preprocessing.scale[c]).toBeCloseTo(1 / 127.5, 7);
    }
  });

  it.each<[string, Variant, OnnxStyle]>([
    ['another epsilon, Identity, Gemm', 'bn5x5', { epsilon: 0.1, identity: true, linear: 'Gemm' }],
    ['MatMul + Add, open sizes', 'bn5x5', { linear: 'MatMul', dynamic: true }],
    ['a mean over axes that are an attribute', 'bn3x3', { average: 'ReduceMean' }],
    ['a mean over axes that are an input', 'bn3x3', { average: 'ReduceMean-18' }],
    ['Reshape to a computed shape', 'bn3x3', { flatten: 'Shape arithmetic', dropout: true }],
    ['Squeeze, pools padded at the end', 'bn3x3', { flatten: 'Squeeze', pool: 'pads' }],
    ['weights in Constant nodes', 'bn3x3', { constants: true }],
    ['branches in another order', 'bn3x3', { branches: [2, 0, 3, 1] }],
    ['branches in another order, the zoo’s way', 'lrn', { ...ZOO, branches: [3, 2, 1, 0] }],
  ])('reads %s', async (_, variant, style) => {
    const { manifest } = await roundTrip(variant, style);
    expect(manifest.network.variant).toBe(variant);
  });

  it('rounds pools up for odd sizes, like the file', async () => {
    await roundTrip('bn3x3', {}, 75); // 38, 19, 9, 4, 2
  });
});

describe('storage of numbers', () => {
  const { network, weights } = randomNetwork('bn3x3');

  it('reads float_data', async () => {
    const model = withTypedData(onnxModel(network, weights));
    expect(await importDifference(encodeModel(model), await importModel(model))).toBeLessThan(1e-4);
  });

  it('reads external data', async () => {
    const { model, data } = withExternalData(onnxModel(network, weights), 'weights.bin');
    const imported = await importModel(model, { external: { 'weights.bin': data } });
    expect(await importDifference(imported.path, imported)).toBeLessThan(1e-4);
  });

  it('converts float16 to float32', async () => {
    const imported = await importModel(withHalfData(onnxModel(network, weights)));
    const kernel = imported.weights.get('linear/kernel')!.data;
    const original = weights.get('linear/kernel')!.data;
    // Half a unit in the last of 11 binary digits, and of the smallest step near zero.
    const errors = kernel.map((value, i) => Math.abs(value - original[i]!) - 2 ** -25);
    const worst = Math.max(...errors.map((error, i) => error / Math.abs(original[i]!)));
    expect(worst).toBeGreaterThan(0);
    expect(worst).toBeLessThanOrEqual(2 ** -11);
  });
});
