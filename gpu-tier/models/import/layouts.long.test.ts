/**
 * Naive modules (98 million parameters): the pool branch passes its input's channels on, in whatever
 * order the file has them.
 */

import { importModel } from '@hebb/test/support/import-onnx';
import { importDifference, randomNetwork } from '@hebb/test/support/import-parity';
import type { OnnxStyle } from '@hebb/test/support/onnx-head';
import { onnxModel } from '@hebb/test/support/onnx-writer';
import { describe, expect, it } from 'vitest';
import { encodeModel } from '../onnx/model.ts';

describe('layouts of naive networks', () => {
  it.each<[string, OnnxStyle]>([
    ['in our order', {}],
    ['in another order', { branches: [2, 0, 3, 1] }],
  ])(
    'reads branches %s',
    async (_, style) => {
      const { network, weights } = randomNetwork('naive');
      const model = onnxModel(network, weights, style);
      const imported = await importModel(model);
      expect(imported.manifest.network.variant).toBe('naive');
      expect(await importDifference(encodeModel(model), imported)).toBeLessThan(1e-4);
    },
    300_000,
  );
});
