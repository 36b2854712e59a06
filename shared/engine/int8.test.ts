import { type QuantizedModel, readQuantizedModel, type Tensor } from '@hebb/model';
import { type ReferenceResult, runReference } from '@hebb/model/int8/reference';
import type { NetworkSpec } from '@hebb/model/network/googlenet';
import { isReal } from '@hebb/model/network/layer';
import { kernels } from '@hebb/test/support/kernels';
import {
  randomPixels,
  randomQuantized,
  type WeightStyle,
} from '@hebb/test/support/random-quantized';
import { describe, expect, it } from 'vitest';
import { engineOf, type Int8Engine, type KernelChoice, supportsRelaxedSimd } from './index.ts';
import { isWinogradExact } from './winograd/choice.ts';

/** All ways to run the network: both builds, every direct kernel, and Winograd. */
const engines: [string, WebAssembly.Module, KernelChoice][] = [
  ['relaxed SIMD, dot', kernels.relaxed, { conv: 'dot' }],
  ['relaxed SIMD, paired', kernels.relaxed, { conv: 'paired', winogradFromTiles: Infinity }],
  ['relaxed SIMD, Winograd', kernels.relaxed, { conv: 'paired', winogradFromTiles: 1 }],
  ['simd128', kernels.simd128, { winogradFromTiles: Infinity }],
  ['simd128, Winograd', kernels.simd128, { winogradFromTiles: 1 }],
];

function model(spec: NetworkSpec, style: WeightStyle = 'gaussian'): QuantizedModel {
  return readQuantizedModel(spec, randomQuantized(spec, 7, style));
}

/** Runs step by step and compares every layer's activations with the reference's. */
function expectSameBits(engine: Int8Engine, pixels: Uint8Array, expected: ReferenceResult): void {
  engine.setPixels(pixels);
  for (const { layer, run } of engine.steps) {
    run();
    if (layer.kind === 'input' || isReal(layer)) continue;
    const actual = engine.activations(layer.name);
    expect(Buffer.compare(actual, expected.activations.get(layer.name)!), layer.name).toBe(0);
  }
  expect(engine.classify(pixels)).toEqual(expected.probabilities);
}

const bytes = (size: number, value: number) => new Uint8Array(size * size * 3).fill(value);

const lrn = { variant: 'lrn', classes: 10, inputSize: 64 } as const;

interface Case {
  readonly name: string;
  readonly spec: NetworkSpec;
  readonly style?: WeightStyle;
  /** Every pixel has this value; random pixels without it. */
  readonly value?: number;
}

const cases: Case[] = [
  { name: 'the paper’s network', spec: lrn },
  { name: 'sigmoid instead of softmax', spec: { ...lrn, output: 'sigmoid' } },
  { name: 'an odd input size', spec: { ...lrn, inputSize: 75 } },
  { name: 'the smallest input, fewer pixels than a tile', spec: { ...lrn, inputSize: 33 } },
  { name: 'batch norm folded, 5×5', spec: { ...lrn, variant: 'bn5x5' } },
  { name: 'torchvision’s, 3×3', spec: { ...lrn, variant: 'bn3x3', classes: 3 } },
  { name: 'black, weights of −127 and 127 only', spec: lrn, style: 'extreme', value: 0 },
  { name: 'white, weights of −127 and 127 only', spec: lrn, style: 'extreme', value: 255 },
  { name: 'weights all 127, or ±127 like a chessboard', spec: lrn, style: 'full' },
  {
    name: 'white, weights all 127, or ±127 like a chessboard',
    spec: lrn,
    style: 'full',
    value: 255,
  },
  { name: 'black, sums at the limit of 16 bits', spec: lrn, style: 'limit', value: 0 },
  { name: 'white, sums at the limit of 16 bits', spec: lrn, style: 'limit', value: 255 },
];

describe('the int8 engine equals the plain reference bit for bit, in every layer', () => {
  describe.each(cases)('$name', ({ spec, style = 'gaussian', value }) => {
    const quantized = model(spec, style);
    const { inputSize } = spec;
    const pixels = value === undefined ? randomPixels(inputSize, 1) : bytes(inputSize, value);
    const expected = runReference(quantized, pixels);

    it.each(engines)('%s', (_, module, choice) => {
      expectSameBits(engineOf(module, quantized, choice), pixels, expected);
    });
  });
});

describe('the int8 engine', () => {
  it('adds in 16 bits only if no sum can overflow', () => {
    const convs = (style: WeightStyle) => {
      const choice = { conv: 'paired', winogradFromTiles: Infinity } as const;
      const { steps } = engineOf(kernels.relaxed, model(lrn, style), choice);
      return steps.flatMap(({ layer, conv }) => (conv && layer.name !== 'conv1' ? conv : []));
    };
    expect(new Set(convs('limit'))).toEqual(new Set(['paired']));
    expect(new Set(convs('extreme'))).toEqual(new Set(['dot']));
  });

  it('runs conv1, 3×3 and 5×5 by Winograd only if their sums can be recovered modulo 2³²', () => {
    const used = (m: QuantizedModel) =>
      engineOf(kernels.relaxed, m, { conv: 'paired', winogradFromTiles: 1 })
        .steps.filter(({ conv }) => conv === 'winograd')
        .map(({ layer }) => layer.name);
    const modules = ['3a', '3b', '4a', '4b', '4c', '4d', '4e', '5a', '5b'];
    const branches = modules.flatMap((m) => [`inception${m}/3x3`, `inception${m}/5x5`]);
    expect(used(model(lrn))).toEqual(['conv1', 'conv2', ...branches]);
    const depth = 9 * 231; // 127 · 127 · 9 · 231 is the last below 2²⁵
    expect(isWinogradExact(new Int8Array(depth).fill(-127), depth)).toBe(true);
    expect(isWinogradExact(new Int8Array(depth + 9).fill(-127), depth + 9)).toBe(false);
  });

  it('runs nothing by Winograd if a dot product is one instruction, and no layer of few tiles', () => {
    const used = (choice: KernelChoice) =>
      engineOf(kernels.relaxed, model({ ...lrn, inputSize: 224 }), choice)
        .steps.filter(({ conv }) => conv === 'winograd')
        .map(({ layer }) => layer.name);
    expect(used({ conv: 'dot' })).toEqual([]);
    const quick = used({ conv: 'paired' });
    const ofModule = (m: string) => [`inception${m}/3x3`, `inception${m}/5x5`];
    const six = ['conv1', 'conv2', ...ofModule('3a'), ...ofModule('3b')];
    const later = ['4a', '4b', '4c', '4d', '4e'].map((m) => `inception${m}/3x3`);
    expect(quick).toEqual([...six, ...later]);
    expect(used({ conv: 'paired', lean: true })).toEqual(six);
    expect(used({ conv: 'dot', lean: true })).toEqual([]);
  });

  it('finds relaxed SIMD in this Node', () => {
    expect(supportsRelaxedSimd()).toBe(true);
  });

  it('refuses pixels of another size and still classifies afterwards', () => {
    const engine = engineOf(kernels.relaxed, model(lrn));
    const code = { code: 'invalid_argument' };
    expect(() => engine.classify(new Uint8Array(5))).toThrow(expect.objectContaining(code));
    expect(engine.classify(bytes(64, 9)).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  });
});

describe('reading weights for which the arithmetic is not exact', () => {
  const good = randomQuantized(lrn, 7, 'gaussian');
  const read = (change: (tensors: Map<string, Tensor>) => void) => {
    const tensors = new Map(good);
    change(tensors);
    return () => readQuantizedModel(lrn, tensors);
  };
  const code = expect.objectContaining({ code: 'invalid_package' });

  it('refuses a scale that would overflow the rounding', () => {
    const data = new Float32Array(64).fill(1e4);
    expect(read((t) => t.set('conv1/scale', { dtype: 'F32', shape: [64], data }))).toThrow(code);
  });

  it('refuses NaN as a scale', () => {
    const data = new Float32Array(64).fill(Number.NaN);
    expect(read((t) => t.set('conv1/scale', { dtype: 'F32', shape: [64], data }))).toThrow(code);
  });

  it('refuses a bias at the end of int32', () => {
    const data = new Int32Array(64).fill(2 ** 31 - 1);
    expect(read((t) => t.set('conv1/bias', { dtype: 'I32', shape: [64], data }))).toThrow(code);
  });

  it('reads one activation scale for each channel only where LRN reads the channels', () => {
    const scales = (layer: string, channels: number, scale = 1) =>
      read((t) => {
        const data = new Float32Array(channels).fill(scale);
        t.set(`${layer}/activation_scale`, { dtype: 'F32', shape: [channels], data });
      });
    for (const channels of [1, 64]) expect(scales('conv1', channels)).not.toThrow();
    expect(scales('conv1', 32)).toThrow(code);
    expect(scales('conv1', 64, 0)).toThrow(code);
    expect(scales('conv2_reduce', 64)).toThrow(code);
  });

  it('refuses an LRN whose output would overflow the rounding', () => {
    const data = new Float32Array(1).fill(1e-9);
    const change = read((t) => t.set('norm1/activation_scale', { dtype: 'F32', shape: [1], data }));
    expect(change).toThrow('norm1 is out of range');
  });

  it('gives channels of the same scale the bits of a single scale', () => {
    const one = new Float32Array(1).fill(0.7);
    const many = new Float32Array(64).fill(0.7);
    const set = (data: Float32Array<ArrayBuffer>) =>
      read((t) => t.set('conv1/activation_scale', { dtype: 'F32', shape: [data.length], data }))();
    const [a, b] = [set(one), set(many)].map((m) => engineOf(kernels.relaxed, m));
    const pixels = bytes(64, 3);
    expect(a!.classify(pixels)).toEqual(b!.classify(pixels));
  });

  it('refuses a missing tensor or a wrong shape', () => {
    expect(read((t) => t.delete('inception4a/3x3/kernel'))).toThrow(code);
    const data = new Int8Array(64);
    expect(read((t) => t.set('conv1/kernel', { dtype: 'I8', shape: [64], data }))).toThrow(code);
  });
});
