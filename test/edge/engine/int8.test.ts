import { describe, expect, it } from 'vitest';
import { type ConvName, engineOf, type Int8Engine } from '../../../edge/engine/int8/index.ts';
import { type QuantizedModel, readQuantizedModel } from '../../../shared/model/index.ts';
import { type ReferenceResult, runReference } from '../../../shared/model/int8/reference.ts';
import type { NetworkSpec } from '../../../shared/model/network/googlenet.ts';
import { kernels } from '../../support/kernels.ts';
import { randomPixels, randomQuantized, type WeightStyle } from '../../support/random-quantized.ts';

/** All ways to run the network: two builds, and both convolutions of the relaxed one. */
const engines: [string, WebAssembly.Module, ConvName | undefined][] = [
  ['relaxed SIMD, dot', kernels.relaxed, 'dot'],
  ['relaxed SIMD, paired', kernels.relaxed, 'paired'],
  ['simd128', kernels.simd128, undefined],
];

function model(spec: NetworkSpec, style: WeightStyle = 'gaussian'): QuantizedModel {
  return readQuantizedModel(spec, randomQuantized(spec, 7, style));
}

/** Runs step by step and compares every layer's activations with the reference's. */
function expectSameBits(engine: Int8Engine, pixels: Uint8Array, expected: ReferenceResult): void {
  engine.setPixels(pixels);
  for (const { layer, run } of engine.steps) {
    run();
    if (layer.kind === 'input' || layer.kind === 'linear' || layer.kind === 'softmax') continue;
    const actual = engine.activations(layer.name);
    expect(Buffer.compare(actual, expected.activations.get(layer.name)!), layer.name).toBe(0);
  }
  expect(engine.classify(pixels)).toEqual(expected.probabilities);
}

const bytes = (size: number, value: number) => new Uint8Array(size * size * 3).fill(value);

describe('the int8 engine equals the plain reference bit for bit', () => {
  const lrn = { variant: 'lrn', classes: 10, inputSize: 64 } as const;

  describe.each(engines)('%s', (_, module, conv) => {
    it.each([
      ['the paper’s network', lrn],
      ['an odd input size', { ...lrn, inputSize: 75 }],
      ['the smallest input, fewer pixels than a tile', { ...lrn, inputSize: 33 }],
      ['batch norm folded, 5×5', { ...lrn, variant: 'bn5x5' }],
      ['torchvision’s, 3×3', { ...lrn, variant: 'bn3x3', classes: 3 }],
    ] as [string, NetworkSpec][])('every layer of %s', (_name, spec) => {
      const quantized = model(spec);
      const pixels = randomPixels(spec.inputSize, 1);
      const expected = runReference(quantized, pixels);
      expectSameBits(engineOf(module, quantized, conv ? { conv } : {}), pixels, expected);
    });

    it.each([
      ['black', 0],
      ['white', 255],
    ])('a %s image with weights of −127 and 127 only', (_name, value) => {
      const quantized = model(lrn, 'extreme');
      const pixels = bytes(lrn.inputSize, value);
      const engine = engineOf(module, quantized, conv ? { conv } : {});
      expectSameBits(engine, pixels, runReference(quantized, pixels));
    });
  });
});
