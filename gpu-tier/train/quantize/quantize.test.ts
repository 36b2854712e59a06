import { engineOf } from '@hebb/engine';
import {
  activationScales,
  checkQuantizable,
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
import { kernels } from '@hebb/test/support/kernels';
import { testPreprocessing } from '@hebb/test/support/package';
import { randomPixels } from '@hebb/test/support/random-quantized';
import { randomWeights } from '@hebb/test/support/random-weights';
import { describe, expect, it } from 'vitest';
import { calibrate } from './calibrate.ts';
import { channelSteps } from './equalise.ts';
import { loadFloatNetwork } from './float-network.ts';
import { layerNoise } from './noise.ts';
import { biasShift, plainPlan, planTensors, withSteps } from './plan.ts';

const images = [1, 2, 3, 4].map((seed) => randomPixels(96, seed));
const rule = { rule: 'percentile', percent: 99.99 } as const;

type Quantized = Awaited<ReturnType<typeof made>>;
const kept = new Map<string, Promise<Quantized>>();

/** A random network in int8; with `equalised`, all steps of the quantiser. Made once for all tests. */
function quantized(variant: Variant, equalised = false): Promise<Quantized> {
  const key = `${variant} ${equalised}`;
  const result = kept.get(key) ?? made(variant, equalised);
  kept.set(key, result);
  return result;
}

async function made(variant: Variant, equalised: boolean) {
  const preprocessing = testPreprocessing(96);
  const unfolded = googlenet({ variant, classes: 10, inputSize: 96 });
  const { network, weights } = foldBatchNorm(unfolded, randomWeights(unfolded, 11));
  const model = { network, weights, preprocessing };
  const float = await loadFloatNetwork(model, {});
  const calibration = calibrate(float, network, images);
  let plan = plainPlan(network, calibration, rule);
  if (equalised) {
    const steps = channelSteps(network, weights, calibration);
    plan = withSteps(plan, network, calibration, steps, rule);
    plan = { ...plan, biasShift: biasShift(model, calibration, plan) };
  }
  const tensors = planTensors(model, plan);
  const scales = activationScales(
    network,
    (name) => tensorOf(tensors, `${name}/activation_scale`, 'F32').data[0]!,
  );
  const noise = () => layerNoise(kernels.relaxed, model, plan, float, images);
  return { network, tensors, scales, int8: readQuantizedModel(network.spec, tensors), noise };
}

describe('quantising a network', () => {
  it.each([
    ['lrn', false],
    ['lrn', true],
    ['bn5x5', true],
    ['bn3x3', true],
  ] as const)(
    '%s, with a step per channel: %s. int8 follows float32, layer by layer',
    async (variant, equalised) => {
      const { noise, network } = await quantized(variant, equalised);
      const measured = noise();
      const layers = network.layers.filter(({ kind }) => kind === 'conv');
      expect(measured.length).toBeGreaterThan(layers.length);
      for (const { layer, decibels } of measured) expect(decibels, layer).toBeGreaterThan(12);
      expect(measured[0]!.layer).toBe('conv1');
      expect(measured[0]!.decibels).toBeGreaterThan(25); // one rounding of weights and activations
    },
  );

  it('gives all branches of a module one scale', async () => {
    const { scales } = await quantized('lrn', true);
    for (const branch of ['1x1', '3x3', '5x5', 'pool_proj']) {
      expect(scales.get(`inception4a/${branch}`)).toBe(scales.get('inception4a'));
    }
    expect(scales.get('inception4a/3x3_reduce')).not.toBe(scales.get('inception4a'));
    expect(scales.get('inception4b/pool')).toBe(scales.get('inception4a'));
  });

  it('keeps every layer exact for the 16-bit sums of the paired kernel', async () => {
    const { network, tensors } = await quantized('lrn', true);
    for (const layer of network.layers) {
      if (layer.kind !== 'conv') continue;
      const { data, shape } = tensorOf(tensors, `${layer.name}/kernel`, 'I8');
      const rows = layer.name === 'conv1' ? firstConvRows(data) : data;
      expect(isPairedExact(rows, rows.length / shape[0]!), layer.name).toBe(true);
    }
  });

  it('survives the file format', async () => {
    const { tensors, network, int8 } = await quantized('bn5x5', true);
    const read = readQuantizedModel(network.spec, readSafetensors(writeSafetensors(tensors)));
    const classify = (m: typeof int8) => engineOf(kernels.relaxed, m).classify(images[0]!);
    expect(classify(read)).toEqual(classify(int8));
  });

  it.each([
    ['the naive network', { variant: 'naive' }],
    ['a fully connected head', { variant: 'lrn', head: 'fullyConnected' }],
  ] as const)('refuses %s', (_, kind) => {
    const network = googlenet({ ...kind, classes: 10, inputSize: 96 });
    expect(() => checkQuantizable(network)).toThrow(
      expect.objectContaining({ code: 'unsupported_model' }),
    );
  });
});
