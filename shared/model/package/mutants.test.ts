import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Outcomes,
  type Part,
  Trial,
  tryMutants,
  type Whole,
} from '@hebb/test/model/package/mutants';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { loadKernels } from '@hebb/train/quantize/kernels';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_FILES } from '../index.ts';

/** `npm run test:all` tries many more. */
const TIMES = process.env.HEBB_TEST_ALL === '1' ? 15 : 1;

let model: TestPackage;
let whole: Whole;
let trial: Trial;

beforeAll(async () => {
  model = await testPackage({ variant: 'bn3x3', inputSize: 32 });
  const [manifest, int8, f32] = await Promise.all(
    [PACKAGE_FILES.manifest, PACKAGE_FILES.int8, PACKAGE_FILES.f32].map((file) =>
      readFile(join(model.dir, file)),
    ),
  );
  whole = {
    manifest: manifest!.toString('utf8'),
    int8: new Uint8Array(int8!), // a Buffer's slices are views
    f32: new Uint8Array(f32!),
  };
  trial = new Trial(whole, await loadKernels());
});

afterAll(() => model.remove());

describe('a package with one thing wrong', () => {
  const outcomesOf = async (part: Part, count: number, seed: number): Promise<Outcomes> => {
    const outcomes = await tryMutants(trial, whole, { part, count: count * TIMES, seed });
    console.log(`${count * TIMES} mutants of ${part}: ${JSON.stringify(outcomes)}`);
    return outcomes;
  };

  it('is none without it', async () => {
    trial.manifest(whole.manifest);
    trial.int8(whole.int8);
    await trial.f32(whole.f32);
  });

  it('in its manifest still answers, or is an invalid_package', {
    timeout: 300_000,
  }, async () => {
    const outcomes = await outcomesOf('manifest', 400, 1);
    expect(Object.keys(outcomes).sort()).toEqual(['answers', 'invalid_package']);
  });

  it('in its int8 weights, too', { timeout: 600_000 }, async () => {
    const outcomes = await outcomesOf('int8', 100, 2);
    expect(Object.keys(outcomes).sort()).toEqual(['answers', 'invalid_package']);
  });

  it('in its float32 weights, too, or fails the warm-up', { timeout: 900_000 }, async () => {
    const {
      answers,
      invalid_package,
      model_unavailable = 0,
      ...others
    } = await outcomesOf('f32', 20, 3);
    expect(others).toEqual({});
    expect(answers).toBeGreaterThan(0);
    expect(invalid_package).toBeGreaterThan(0);
    // Numbers that are too large on their way through the layers are found by computing alone.
    expect(model_unavailable).toBeLessThan(answers!);
  });
});
