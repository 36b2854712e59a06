import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Manifest, parseManifest, sealManifest } from '../index.ts';

const BUILT_IN = join(import.meta.dirname, '..', 'default', 'manifest.json');

/** The built-in package's manifest, changed. */
async function manifest(change: (draft: Manifest) => object): Promise<string> {
  const draft = parseManifest(await readFile(BUILT_IN, 'utf8'));
  return JSON.stringify({ ...draft, ...change(draft) });
}

const sigmoid = (draft: Pick<Manifest, 'network'>) => ({
  ...draft.network,
  output: 'sigmoid' as const,
});

describe('the manifest of a multi-label package', () => {
  it('has format 2, the network’s last layer, and thresholds of labels', async () => {
    const text = await manifest((draft) => ({
      format: 'hebb-model/2',
      network: sigmoid(draft),
      labels: draft.labels.map((label) => ({ ...label, threshold: 0.3 })),
    }));
    const { network, labels } = parseManifest(text);
    expect(network.output).toBe('sigmoid');
    expect(labels[0]!.threshold).toBe(0.3);
  });

  it('is never of format 1, whose readers ignore the last layer and would serve softmax', async () => {
    const text = await manifest((draft) => ({ network: sigmoid(draft) }));
    expect(() => parseManifest(text)).toThrow(
      'format must be "hebb-model/2" for a network that ends in sigmoid',
    );
    const { format: _, version: __, ...draft } = parseManifest(await readFile(BUILT_IN, 'utf8'));
    expect((await sealManifest(draft)).format).toBe('hebb-model/1');
    expect((await sealManifest({ ...draft, network: sigmoid(draft) })).format).toBe('hebb-model/2');
  });

  it('of a later format says that a newer version made it', async () => {
    const text = await manifest(() => ({ format: 'hebb-model/9' }));
    expect(() => parseManifest(text)).toThrow(
      expect.objectContaining({ code: 'invalid_package', hint: expect.stringContaining('newer') }),
    );
  });

  it.each([
    ['format 2 with softmax', () => ({ format: 'hebb-model/2' }), 'must be "hebb-model/1"'],
    ['a later format', () => ({ format: 'hebb-model/3' }), 'format must be "hebb-model/1" or'],
    [
      'another last layer',
      (draft: Manifest) => ({ network: { ...draft.network, output: 'tanh' } }),
      'network.output must be "sigmoid"',
    ],
    [
      'a threshold with softmax',
      (draft: Manifest) => ({ labels: [{ name: 'a', threshold: 0.5 }, ...draft.labels.slice(1)] }),
      'labels[0].threshold cannot be: the network ends in softmax',
    ],
  ])('is refused with %s', async (_, change, message) => {
    const text = await manifest(change);
    expect(() => parseManifest(text)).toThrow(message);
  });
});
