import { encodeModel } from '@hebb/models/onnx/model';
import { loadTfjsWasm } from '@hebb/tensorflow/backend/tfjs-wasm';
import { onnxModel } from '@hebb/test/support/onnx-writer';
import { onnxSession } from '@hebb/test/support/onnxruntime';
import { randomWeights, seededNormal } from '@hebb/test/support/random-weights';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createReference,
  foldBatchNorm,
  googlenet,
  type Network,
  type Tensors,
  type Tf,
  type Variant,
} from '../index.ts';

// Modules 4a and 4d then have 10×10 features, of which the auxiliary heads' 5×5/3 pools make 2×2.
const SIZE = 160;

let tf: Tf;
beforeAll(async () => {
  tf = await loadTfjsWasm();
});

/** A network with random weights; those of the auxiliary heads are there even when it has none. */
function made(variant: Variant, auxiliary = false): { network: Network; weights: Tensors } {
  const spec = { variant, classes: 10, inputSize: SIZE };
  const weights = cache.get(variant) ?? randomWeights(googlenet(spec, { auxiliary: true }), 5);
  cache.set(variant, weights);
  return { network: googlenet(spec, { auxiliary }), weights };
}
const cache = new Map<Variant, Tensors>();

const noise = (images = 1): Float32Array =>
  Float32Array.from({ length: images * SIZE * SIZE * 3 }, seededNormal(11));

const largestDifference = (a: Float32Array, b: Float32Array) =>
  a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i]!)), 0);

describe('forward', () => {
  it.each(['lrn', 'bn3x3'] as const)(
    'computes the logits of %s and of its auxiliary heads as ONNX Runtime does',
    async (variant) => {
      const { network, weights } = made(variant, true);
      const reference = createReference(tf, network, weights);
      const result = reference.forward(tf.tensor4d(noise(), [1, SIZE, SIZE, 3]));
      const heads = {
        linear: result,
        'aux1/linear': result.auxiliary[0]!,
        'aux2/linear': result.auxiliary[1]!,
      };
      for (const [output, { logits }] of Object.entries(heads)) {
        const session = await onnxSession(
          encodeModel(onnxModel(network, weights, { outputs: [output] })),
        );
        const theirs = await session.run(noise(), SIZE);
        await session.release();
        const scale = Math.max(...theirs.map(Math.abs));
        expect(scale).toBeGreaterThan(0.5);
        expect(largestDifference(logits.dataSync<'float32'>(), theirs) / scale).toBeLessThan(1e-4);
      }
      reference.dispose();
    },
  );

  it('gives the same with batch norm folded', () => {
    const { network, weights } = made('bn5x5');
    const folded = foldBatchNorm(network, weights);
    const [a, b] = [{ network, weights }, folded].map((model) => {
      const reference = createReference(tf, model.network, model.weights);
      const probabilities = reference.classify(noise());
      reference.dispose();
      return probabilities;
    });
    expect(largestDifference(a!, b!)).toBeLessThan(1e-5);
  });

  it('names its outputs and treats the images of a batch alike', () => {
    const { network, weights } = made('bn3x3');
    const reference = createReference(tf, network, weights);
    const batch = noise(2);
    const { probabilities, logits, embedding, auxiliary } = reference.forward(
      tf.tensor4d(batch, [2, SIZE, SIZE, 3]),
    );
    expect(probabilities.shape).toEqual([2, 10]);
    expect(logits.shape).toEqual([2, 10]);
    expect(embedding.shape).toEqual([2, 1024]);
    expect(auxiliary).toEqual([]);
    const second = reference.classify(batch.subarray(SIZE * SIZE * 3));
    expect(
      largestDifference(probabilities.dataSync<'float32'>().subarray(10), second),
    ).toBeLessThan(1e-6);
    expect(second.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
    reference.dispose();
  });

  it('passes every layer with its shape in the network', () => {
    const { network, weights } = made('lrn');
    const reference = createReference(tf, network, weights);
    const seen: string[] = [];
    reference.classify(noise(), {
      onLayer(layer, output) {
        seen.push(layer.name);
        const flat = layer.kind === 'linear' || layer.name === 'softmax';
        expect(output.shape).toEqual(flat ? [1, layer.shape[2]] : [1, ...layer.shape]);
      },
    });
    expect(seen).toEqual(network.layers.map((layer) => layer.name));
    reference.dispose();
  });

  it('leaves no tensor on the backend', () => {
    const { network, weights } = made('bn3x3');
    const before = tf.memory().numTensors;
    const reference = createReference(tf, network, weights);
    const loaded = tf.memory().numTensors;
    reference.classify(noise(), { onLayer: (_, output) => tf.sqrt(output) });
    expect(tf.memory().numTensors).toBe(loaded);
    reference.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses weights and inputs that do not fit the network', () => {
    const { network, weights } = made('bn3x3');
    const before = tf.memory().numTensors;
    const lacking = new Map(weights);
    lacking.delete('inception4c/3x3/gamma');
    expect(() => createReference(tf, network, lacking)).toThrow('inception4c/3x3/gamma');
    expect(tf.memory().numTensors).toBe(before);

    const reference = createReference(tf, network, weights);
    const small = tf.zeros([1, 32, 32, 3]);
    expect(() => reference.forward(small as never)).toThrow('expected [n, 160, 160, 3]');
    reference.dispose();
  });
});
