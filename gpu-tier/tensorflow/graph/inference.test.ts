import { googlenet, normalise } from '@hebb/model';
import {
  expectSame,
  noise,
  PREPROCESSING,
  randomModel,
  referenceResult,
  relativeDifference,
} from '@hebb/test/graph/compare';
import { describeWithTensorFlow, tensorflow } from '@hebb/test/graph/tensorflow';
import { randomWeights } from '@hebb/test/support/random-weights';
import { expect, it } from 'vitest';
import { GRAPH_INPUT, GRAPH_OUTPUTS, type GraphOutput, inferenceGraph } from './inference.ts';
import { createGraphRunner, type GraphResult } from './runner.ts';
import { savedModel } from './saved-model.ts';
import { loadGraph } from './session.ts';

/** The naive network has 20 times the weights: see inference.long.test.ts. */
const QUICK = ['lrn', 'bn5x5', 'bn3x3'] as const;

describeWithTensorFlow('the network as a TensorFlow graph', () => {
  it.each(QUICK)(
    '%s: computes the same as plain tfjs ops, in batches of any size',
    async (variant) => {
      const model = randomModel(variant);
      const runner = await createGraphRunner({ binding: tensorflow(), ...model });
      const pixels = noise(32, 64);
      const reference = await referenceResult(model, pixels);
      for (const n of [1, 2, 7, 32]) {
        const ours = runner.run(pixels.subarray(0, n * 64 * 64 * 3), n);
        expectSame(ours, first(reference, n / 32));
      }
      runner.dispose();
    },
  );

  it('ends in sigmoid where the network does', async () => {
    const model = randomModel('bn3x3', 64, 'sigmoid');
    const runner = await createGraphRunner({ binding: tensorflow(), ...model });
    const pixels = noise(3, 64);
    const ours = runner.run(pixels, 3);
    expectSame(ours, await referenceResult(model, pixels));
    const [p, x] = [ours.probabilities[0]!, ours.logits[0]!];
    expect(p).toBeCloseTo(1 / (1 + Math.exp(-x)), 5);
    runner.dispose();
  });

  it.each(QUICK)('%s: pooling windows with and without overhang', async (variant) => {
    for (const side of [75, 97]) {
      const model = randomModel(variant, side);
      const runner = await createGraphRunner({ binding: tensorflow(), ...model });
      const pixels = noise(2, side);
      expectSame(runner.run(pixels, 2), await referenceResult(model, pixels));
      runner.dispose();
    }
  });

  it('a fully connected head: the same as plain tfjs ops, with its units as the embedding', async () => {
    const spec = { variant: 'lrn', classes: 10, inputSize: 64, head: 'fullyConnected' } as const;
    const network = googlenet(spec);
    const model = { network, weights: randomWeights(network, 5), preprocessing: PREPROCESSING };
    const runner = await createGraphRunner({ binding: tensorflow(), ...model });
    const pixels = noise(2, 64);
    const reference = await referenceResult(model, pixels);
    expect(reference.embedding).toHaveLength(2 * 1024);
    expectSame(runner.run(pixels, 2), reference);
    runner.dispose();
  });

  it.each(['bn5x5', 'bn3x3'] as const)('%s: batch norm that is not folded', async (variant) => {
    const model = randomModel(variant);
    const session = await loadGraph(tensorflow(), savedModel(inferenceGraph(model)));
    const pixels = noise(2, 64);
    const feed = { name: GRAPH_INPUT, dtype: tensorflow().TF_UINT8, shape: [2, 64, 64, 3] };
    const outputs = Object.keys(GRAPH_OUTPUTS) as GraphOutput[];
    const values = session.run([{ ...feed, data: pixels }], outputs) as Float32Array[];
    const ours = Object.fromEntries(outputs.map((name, i) => [name, values[i]])) as GraphResult;
    expectSame(ours, await referenceResult(model, pixels));
    session.dispose();
  });

  it('reads pixels as RGB for every channel order', async () => {
    const preprocessing = { ...PREPROCESSING, channelOrder: 'bgr' } as const;
    const model = { ...randomModel('lrn'), preprocessing };
    const runner = await createGraphRunner({ binding: tensorflow(), ...model });
    const pixels = noise(1, 64);
    expectSame(runner.run(pixels, 1), await referenceResult(model, pixels));
    runner.dispose();
  });

  it('accepts normalised images', async () => {
    for (const channelOrder of ['rgb', 'bgr'] as const) {
      const preprocessing = { ...PREPROCESSING, channelOrder };
      const model = { ...randomModel('lrn'), preprocessing };
      const runner = await createGraphRunner({ binding: tensorflow(), ...model });
      const pixels = noise(2, 64);
      const ours = runner.runNormalised(normalise(pixels, preprocessing), 2);
      expectSame(ours, await referenceResult(model, pixels));
      runner.dispose();
    }
  });

  it('omits auxiliary heads', async () => {
    const model = randomModel('lrn', 160);
    expect(inferenceGraph(model).node.map(({ name }) => name)).not.toContain('aux1/conv');
    const runner = await createGraphRunner({ binding: tensorflow(), ...model });
    const pixels = noise(1, 160);
    expectSame(runner.run(pixels, 1), await referenceResult(model, pixels));
    runner.dispose();
  });

  it('computes its trunk in bfloat16 on request', async () => {
    for (const variant of QUICK) {
      const model = randomModel(variant);
      const runner = await createGraphRunner({
        binding: tensorflow(),
        ...model,
        precision: 'bf16',
      });
      const pixels = noise(4, 64);
      const [ours, reference] = [runner.run(pixels, 4), await referenceResult(model, pixels)];
      const off = relativeDifference(ours.embedding, reference.embedding);
      expect(off).toBeGreaterThan(1e-4); // it is bfloat16
      expect(off).toBeLessThan(0.03); // 22 layers, each rounded to 8 bits
      runner.dispose();
    }
  });

  it('refuses a wrong number of pixels', async () => {
    const runner = await createGraphRunner({ binding: tensorflow(), ...randomModel('lrn') });
    expect(() => runner.run(noise(1, 64), 2)).toThrow(
      expect.objectContaining({
        code: 'invalid_argument',
        message: '12288 values are not images [2, 64, 64, 3].',
      }),
    );
    expect(() => runner.run(new Uint8Array(), 0)).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
    runner.dispose();
  });

  it('frees its memory', async () => {
    const binding = tensorflow();
    const runner = await createGraphRunner({ binding, ...randomModel('lrn') });
    runner.run(noise(1, 64), 1);
    expect(binding.getNumOfTensors()).toBe(0);
    runner.dispose();
    runner.dispose();
    expect(binding.getNumOfSavedModels()).toBe(0);
    expect(() => runner.run(noise(1, 64), 1)).toThrow('disposed');
  });

  it('names missing weights', async () => {
    const model = randomModel('lrn');
    const weights = new Map(model.weights);
    weights.delete('inception4c/3x3/bias');
    await expect(
      createGraphRunner({ binding: tensorflow(), ...model, weights }),
    ).rejects.toMatchObject({
      code: 'invalid_package',
      message: 'The package has no tensor inception4c/3x3/bias.',
    });
  });
});

const first = (result: GraphResult, share: number): GraphResult => ({
  probabilities: result.probabilities.subarray(0, result.probabilities.length * share),
  logits: result.logits.subarray(0, result.logits.length * share),
  embedding: result.embedding.subarray(0, result.embedding.length * share),
});
