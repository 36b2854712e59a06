import { engineOf } from '@hebb/engine';
import {
  activationScales,
  createReference,
  firstConvRows,
  foldBatchNorm,
  googlenet,
  isPairedExact,
  readQuantizedModel,
  readSafetensors,
  tensorOf,
  type Variant,
  writeSafetensors,
} from '@hebb/model';
import { loadTfjsWasm } from '@hebb/tensorflow/backend/tfjs-wasm';
import { kernels } from '@hebb/test/support/kernels';
import { testPreprocessing } from '@hebb/test/support/package';
import { randomPixels } from '@hebb/test/support/random-quantized';
import { randomWeights } from '@hebb/test/support/random-weights';
import { describe, expect, it } from 'vitest';
import { calibrate } from './calibrate.ts';
import { layerNoise } from './noise.ts';
import { type QuantizeOptions, quantize } from './quantize.ts';

const tf = await loadTfjsWasm();
const images = [1, 2, 3, 4].map((seed) => randomPixels(96, seed));

function quantized(variant: Variant, options: Partial<QuantizeOptions> = {}) {
  const preprocessing = testPreprocessing(96);
  const unfolded = googlenet({ variant, classes: 10, inputSize: 96 });
  const { network, weights } = foldBatchNorm(unfolded, randomWeights(unfolded, 11));
  const reference = createReference(tf, network, weights);
  const calibration = calibrate(reference, preprocessing, images);
  const tensors = quantize(network, weights, preprocessing, calibration, {
    scales: { rule: 'percentile', percent: 99.99 },
    biasCorrection: false,
    ...options,
  });
  const scales = activationScales(
    network,
    (name) => tensorOf(tensors, `${name}/activation_scale`, 'F32').data[0]!,
  );
  const model = readQuantizedModel(network.spec, tensors);
  const noise = () => layerNoise(kernels.relaxed, model, scales, reference, preprocessing, images);
  return { network, tensors, scales, model, noise };
}

describe('quantising a network', () => {
  it.each(['lrn', 'bn5x5', 'bn3x3'] as const)(
    '%s: int8 follows float32, layer by layer',
    (variant) => {
      const { noise, network } = quantized(variant);
      const measured = noise();
      const layers = network.layers.filter(({ kind }) => kind === 'conv');
      expect(measured.length).toBeGreaterThan(layers.length);
      for (const { layer, decibels } of measured) expect(decibels, layer).toBeGreaterThan(12);
      expect(measured[0]!.layer).toBe('conv1');
      expect(measured[0]!.decibels).toBeGreaterThan(25); // one rounding of weights and activations
    },
  );

  it('gives all branches of a module one scale', () => {
    const { scales } = quantized('lrn');
    for (const branch of ['1x1', '3x3', '5x5', 'pool_proj']) {
      expect(scales.get(`inception4a/${branch}`)).toBe(scales.get('inception4a'));
    }
    expect(scales.get('inception4a/3x3_reduce')).not.toBe(scales.get('inception4a'));
    expect(scales.get('inception4b/pool')).toBe(scales.get('inception4a'));
  });

  it('keeps every layer exact for the 16-bit sums of the paired kernel', () => {
    const { network, tensors } = quantized('lrn');
    for (const layer of network.layers) {
      if (layer.kind !== 'conv') continue;
      const { data, shape } = tensorOf(tensors, `${layer.name}/kernel`, 'I8');
      const rows = layer.name === 'conv1' ? firstConvRows(data) : data;
      expect(isPairedExact(rows, rows.length / shape[0]!), layer.name).toBe(true);
    }
  });

  it('survives the file format', () => {
    const { tensors, network, model } = quantized('bn5x5', { biasCorrection: true });
    const read = readQuantizedModel(network.spec, readSafetensors(writeSafetensors(tensors)));
    const classify = (m: typeof model) => engineOf(kernels.relaxed, m).classify(images[0]!);
    expect(classify(read)).toEqual(classify(model));
  });

  it.each([
    ['the naive network', { variant: 'naive' }],
    ['a fully connected head', { variant: 'lrn', head: 'fullyConnected' }],
  ] as const)('refuses %s', (_, kind) => {
    const network = googlenet({ ...kind, classes: 10, inputSize: 96 });
    expect(() => activationScales(network, () => 1)).toThrow(
      expect.objectContaining({ code: 'unsupported_model' }),
    );
  });
});
