import { join } from 'node:path';
import { readPackage } from '@hebb/packages/folder';
import { readDataset } from '@hebb/train/dataset/read';
import { evaluatePackage } from '@hebb/train/evaluate/evaluate';
import { measure } from '@hebb/train/evaluate/metrics';
import { expect, it } from 'vitest';
import { describeWithData, FLOWERS } from '../support/data.ts';

describeWithData('the built-in model on flowers outside of its training data', () => {
  it('has at least 90 % accuracy in int8, at most one point below float32', async () => {
    const builtIn = await readPackage(join(import.meta.dirname, '../../shared/model/default'));
    const { val } = await readDataset(FLOWERS);
    const top1 = async (precision: 'f32' | 'int8') => {
      const backend = { kind: 'wasm', reason: 'test' } as const;
      const options = { package: builtIn, precision, examples: val, crops: 1, backend } as const;
      return measure(await evaluatePackage(options)).top1;
    };
    const [float, int8] = [await top1('f32'), await top1('int8')];
    expect(int8).toBeGreaterThanOrEqual(0.9);
    expect(Math.abs(float - int8)).toBeLessThanOrEqual(0.01);
  }, 600_000);
});
