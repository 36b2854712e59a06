import { describe, expect, it } from 'vitest';
import { BadAnswer, readAnswer } from './answer.ts';

const EXPECTED = { version: 'v', images: 3, classes: 2 };

/** An answer with this many rows of probabilities, and these errors. */
function answer(rows: number, errors: unknown) {
  const head = JSON.stringify({
    model_version: 'v',
    parameters: { precision: 'float32', errors },
    outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [rows, 2] }],
  });
  const values = Float32Array.from({ length: rows * 2 }, (_, i) => (i % 2 === 0 ? 0.25 : 0.75));
  const body = Buffer.concat([Buffer.from(head), Buffer.from(values.buffer)]);
  return readAnswer(new Uint8Array(body), String(head.length), EXPECTED);
}

const broken = (index: unknown) => ({ index, code: 'broken_image', message: 'cut', hint: 'no' });

describe('readAnswer', () => {
  it('has a row for each valid image and an error for the others', () => {
    const { probabilities, errors } = answer(1, [broken(2), broken(0)]);
    expect([...probabilities]).toEqual([0.25, 0.75]);
    expect([...errors.keys()]).toEqual([2, 0]);
    expect(errors.get(0)).toMatchObject({ code: 'broken_image', message: 'cut', hint: 'no' });
  });

  it('accepts an answer without errors, as of an older tier', () => {
    expect(answer(3, undefined).errors.size).toBe(0);
  });

  it.each([
    ['rows for images that are errors', 3, [broken(0)]],
    ['an index beyond the chunk', 2, [broken(3)]],
    ['an index that is none', 2, [broken('0')]],
    ['an image twice', 2, [broken(1), broken(1)]],
    ['an error that is not of images', 2, [{ ...broken(0), code: 'overloaded' }]],
    ['errors that are no list', 2, 'many'],
    ['nothing in place of an error', 2, [null]],
  ])('refuses %s', (_what, rows, errors) => {
    expect(() => answer(rows, errors)).toThrow(BadAnswer);
  });
});
