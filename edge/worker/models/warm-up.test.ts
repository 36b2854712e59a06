import type { Label, Manifest } from '@hebb/model';
import { testPreprocessing } from '@hebb/test/support/package';
import { describe, expect, it } from 'vitest';
import { checkAnswer } from './warm-up.ts';

const PROBABILITIES = Float32Array.of(0.25, 0.75);

const manifest = (labels: unknown): Manifest => ({
  format: 'hebb-model/1',
  name: 'cats',
  version: 'a'.repeat(64),
  network: { variant: 'lrn', classes: 2, inputSize: 64 },
  preprocessing: testPreprocessing(64),
  labels: labels as readonly Label[],
  files: {},
  lineage: {},
});

describe('the answer of the warm-up image', () => {
  it('is valid with a label for each class', () => {
    const labels = [{ name: 'cat' }, { name: 'dog' }];
    expect(() => checkAnswer(manifest(labels), PROBABILITIES, 'int8')).not.toThrow();
  });

  // As an unchecked manifest may contain.
  it.each([
    ['null', [null, { name: 'dog' }], 'TypeError'],
    ['a number', [{ name: 'cat' }, { name: 7 }], 'predictions.0.label'],
    ['missing', [{ name: 'cat' }], 'TypeError'],
    ['no text that JSON has', [{ name: 'cat' }, { name: 7n }], 'BigInt'],
  ])('is invalid with a label that is %s', (_, labels, why) => {
    const check = () => checkAnswer(manifest(labels), PROBABILITIES, 'int8');
    expect(check).toThrow(
      expect.objectContaining({
        code: 'model_unavailable',
        message: expect.stringContaining(why),
      }),
    );
  });
});
