import { foldBatchNorm, googlenet } from '@hebb/model';
import { BUILT_IN_MODEL } from '@hebb/packages/find';
import { readPackage } from '@hebb/packages/folder';
import { randomPixels } from '@hebb/test/support/random-quantized';
import { seededRandom } from '@hebb/test/support/random-weights';
import { describe, expect, it } from 'vitest';
import { rescale } from './equalise.ts';
import { loadFloatNetwork } from './float-network.ts';
import { channelGroups } from './groups.ts';
import { sensitivities } from './sensitivity.ts';

describe('channel groups', () => {
  const groupsOf = (variant: 'lrn' | 'bn3x3') =>
    channelGroups(googlenet({ variant, classes: 5, inputSize: 224, folded: true }));

  it('are what convolutions write and read; LRN mixes channels', () => {
    const names = groupsOf('lrn').map(({ name }) => name);
    expect(names.slice(0, 4)).toEqual([
      'conv2_reduce',
      'inception3a/3x3_reduce',
      'inception3a/5x5_reduce',
      'inception3a',
    ]);
    expect(names).not.toContain('conv1');
    expect(groupsOf('bn3x3').map(({ name }) => name)).toContain('conv1');
  });

  it('reach through pooling to the next module and the classifier', () => {
    const groups = new Map(groupsOf('lrn').map((group) => [group.name, group]));
    const readers = (name: string) => groups.get(name)!.consumers.map((l) => l.name);
    expect(readers('inception3b').toSorted()).toEqual(
      ['1x1', '3x3_reduce', '5x5_reduce', 'pool_proj'].map((branch) => `inception4a/${branch}`),
    );
    expect(readers('inception5b')).toEqual(['linear']);
    expect(groups.get('inception5b')!.average).toBe('pool5');
  });
});

describe('moving factors of channels into the weights that read them', () => {
  it('leaves the answer of the built-in network as it was', async () => {
    const { manifest, tensors } = await readPackage(BUILT_IN_MODEL);
    const { preprocessing } = manifest;
    const { network, weights } = foldBatchNorm(googlenet(manifest.network), await tensors('f32'));
    const random = seededRandom(3);
    const factors = new Map(
      channelGroups(network).map(({ name, channels }) => [
        name,
        Float64Array.from({ length: channels }, () => 2 ** (6 * random() - 3)),
      ]),
    );
    const image = randomPixels(network.spec.inputSize, 1);
    const run = async (moved: typeof weights) => {
      const float = await loadFloatNetwork({ network, weights: moved, preprocessing }, {});
      const outputs = float.run([image], ['inception4c/1x1', 'softmax']);
      float.dispose();
      return outputs;
    };
    const [before, after] = [await run(weights), await run(rescale(network, weights, factors))];
    for (const [c, p] of before[1]!.entries()) expect(after[1]![c]).toBeCloseTo(p, 5);
    const factor = factors.get('inception4c')!;
    const expected = before[0]!.map((v, i) => v / factor[i % 128]!);
    const largest = Math.max(...expected);
    expect(largest).toBeGreaterThan(0);
    for (const [i, v] of expected.entries()) {
      expect(Math.abs(after[0]![i]! - v)).toBeLessThan(1e-5 * largest);
    }
  });
});

describe('the sensitivity of the logits', () => {
  it('is the sum of squares of the classifier’s weights for what it reads', () => {
    const network = googlenet({ variant: 'lrn', classes: 2, inputSize: 33, folded: true });
    const weights = new Map(
      network.layers.flatMap((layer) => {
        if (layer.kind !== 'conv' && layer.kind !== 'linear') return [];
        const depth = layer.kind === 'conv' ? layer.size ** 2 * layer.inputShape[2] : 1024;
        const shape = [depth, layer.shape[2]];
        const data = Float32Array.from({ length: depth * layer.shape[2] }, (_, i) => (i % 2) + 1);
        return [[`${layer.name}/kernel`, { dtype: 'F32' as const, shape, data }] as const];
      }),
    );
    const result = sensitivities(network, weights, () => 0.5);
    expect(result.get('pool5')![7]).toBe(1 + 4);
    // Each of 5b's 1×1 outputs is read by the classifier; half of their values pass the ReLU.
    expect(result.get('inception5b/1x1')![0]).toBe(5);
    expect(result.get('inception5b/3x3_reduce')![0]).toBe(9 * 0.5 * 5 * (192 * (1 + 4)));
  });
});
