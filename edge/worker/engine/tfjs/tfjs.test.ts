import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  createReference,
  foldBatchNorm,
  googlenet,
  HebbError,
  normalise,
  type Tensor,
  type Tensors,
  type Variant,
} from '@hebb/model';
import { loadTfjsWasm } from '@hebb/tensorflow/backend/tfjs-wasm';
import { testPreprocessing } from '@hebb/test/support/package';
import { randomPixels } from '@hebb/test/support/random-quantized';
import { randomWeights } from '@hebb/test/support/random-weights';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTfjsEngine } from './index.ts';
import { tfjsHeapBytes } from './memory.ts';

const require = createRequire(import.meta.url);
const wasm = '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm';
const binary = new WebAssembly.Module(readFileSync(require.resolve(wasm)));

function model(variant: Variant, { classes = 7, inputSize = 64, folded = true } = {}) {
  const unfolded = googlenet({ variant, classes, inputSize });
  const weights = randomWeights(unfolded, 3);
  const { network, weights: used } = folded
    ? foldBatchNorm(unfolded, weights)
    : { network: unfolded, weights };
  const manifest = { network: network.spec, preprocessing: testPreprocessing(inputSize) };
  return { network, weights: used, manifest };
}

/** Tensors as a file gives them: one after the other, each in a buffer of its own. */
async function* stream(weights: Tensors): AsyncGenerator<readonly [string, Tensor]> {
  for (const [name, tensor] of weights) {
    await null;
    yield [name, { ...tensor, data: tensor.data.slice() }];
  }
}

const MODELS = {
  'the paper’s network': model('lrn'),
  'batch norm folded, 3×3 branch': model('bn3x3'),
  'batch norm not folded': model('bn5x5', { folded: false }),
  'naive modules': model('naive', { inputSize: 32 }),
};
type ModelName = keyof typeof MODELS;

/** The reference's answers. They are computed first, because the engine replaces tfjs's wasm backend. */
const answers = new Map<string, { pixels: Uint8Array[]; expected: Float32Array[] }>();

beforeAll(async () => {
  const tf = await loadTfjsWasm();
  for (const [name, { network, weights, manifest }] of Object.entries(MODELS)) {
    const reference = createReference(tf, network, weights);
    const pixels = [1, 2, 3].map((seed) => randomPixels(network.spec.inputSize, seed));
    const expected = pixels.map((p) => reference.classify(normalise(p, manifest.preprocessing)));
    answers.set(name, { pixels, expected });
    reference.dispose();
  }
});

describe('the tfjs engine', () => {
  it.each(Object.keys(MODELS) as ModelName[])(
    'equals the reference bit for bit: %s',
    async (name) => {
      const { weights, manifest } = MODELS[name];
      const { pixels, expected } = answers.get(name)!;
      const engine = await loadTfjsEngine(binary, manifest, stream(weights));
      expect(pixels.map((p) => engine.classify(p))).toEqual(expected);
      expect(pixels.map((p) => engine.classify(p))).toEqual(expected); // no state is left behind
      engine.dispose();
    },
  );

  it('holds the weights once: 45 MB with 1000 classes, where the tfjs package alone takes 100 MB', async () => {
    const { weights, manifest } = model('lrn', { classes: 1000, inputSize: 224 });
    const engine = await loadTfjsEngine(binary, manifest, stream(weights));
    const bytes = [...weights.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    expect(bytes).toBe(6_998_552 * 4);
    for (let i = 0; i < 3; i++) engine.classify(randomPixels(224, i));
    expect(engine.memoryBytes()).toBeLessThan(46e6);
    expect(engine.memoryBytes()).toBeLessThanOrEqual(tfjsHeapBytes(manifest.network));
    engine.dispose();
  });

  it('loads weights in any order', async () => {
    const { weights, manifest } = MODELS['the paper’s network'];
    const { pixels, expected } = answers.get('the paper’s network')!;
    const reversed = new Map([...weights].reverse());
    const engine = await loadTfjsEngine(binary, manifest, stream(reversed));
    expect(engine.classify(pixels[0]!)).toEqual(expected[0]);
    engine.dispose();
  });

  it('fails to load half a file, and loads a whole one afterwards', async () => {
    const { weights, manifest } = MODELS['the paper’s network'];
    const missing = new Map([...weights].filter(([name]) => name !== 'inception4c/3x3/bias'));
    await expect(loadTfjsEngine(binary, manifest, stream(missing))).rejects.toMatchObject({
      code: 'invalid_package',
      message: expect.stringContaining('inception4c/3x3/bias'),
    });
    async function* broken() {
      yield* stream(weights);
      throw new HebbError('invalid_package', 'The checksum is wrong.');
    }
    await expect(loadTfjsEngine(binary, manifest, broken())).rejects.toThrow('checksum');
    const engine = await loadTfjsEngine(binary, manifest, stream(weights));
    expect(engine.classify(randomPixels(64, 1))).toHaveLength(7);
    engine.dispose();
  });
});
