import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadEngine } from '@hebb/engine';
import { FileDecoder } from '@hebb/images/file';
import {
  createReference,
  googlenet,
  type NetworkSpec,
  normalise,
  type Preprocessing,
} from '@hebb/model';
import { type PackageFolder, readPackage } from '@hebb/packages/folder';
import type { RunnerBackend } from '@hebb/tensorflow/backend/create-runner';
import { loadTfjsWasm } from '@hebb/tensorflow/backend/tfjs-wasm';
import { writeImageFolders } from '@hebb/test/support/image-files';
import { describeNative } from '@hebb/test/support/native';
import { type TestPackage, testPackage } from '@hebb/test/support/package-folder';
import { decodeFile } from '@hebb/test/support/sharp-decode';
import { temporaryFolder } from '@hebb/test/support/temporary';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Example } from '../dataset/dataset.ts';
import { loadKernels } from '../quantize/kernels.ts';
import { cropsOf, decodingTarget } from './crops.ts';
import { evaluatePackage } from './evaluate.ts';

const WASM: RunnerBackend = { kind: 'wasm', reason: 'a test' };

let test: TestPackage;
let folder: PackageFolder;
beforeAll(async () => {
  test = await testPackage({ inputSize: 32, classes: 3 });
  folder = await readPackage(test.dir);
});
afterAll(() => test.remove());

async function someExamples(images = 3): Promise<Example[]> {
  const paths = await writeImageFolders(await temporaryFolder(), ['a', 'b', 'c'], images);
  return Object.values(paths).flatMap((ofClass, label) => ofClass.map((path) => ({ path, label })));
}

/** Blocks this thread. */
function block(ms: number): void {
  for (const end = Date.now() + ms; Date.now() < end; );
}

/** Classifies one image at a time: uint8 RGB [s, s, 3] → float32 [classes]. */
async function oneByOne(
  precision: 'f32' | 'int8',
  network: NetworkSpec,
  preprocessing: Preprocessing,
): Promise<(pixels: Uint8Array) => Float32Array> {
  if (precision === 'int8') {
    const engine = loadEngine(await loadKernels(), network, await folder.bytes('int8'));
    return (pixels) => engine.classify(pixels).slice();
  }
  const tf = await loadTfjsWasm();
  const reference = createReference(tf, googlenet(network), await folder.tensors('f32'));
  onTestFinished(() => reference.dispose());
  return (pixels) => reference.classify(normalise(pixels, preprocessing));
}

const row = (probabilities: Float32Array, i: number) => probabilities.slice(3 * i, 3 * i + 3);

describe('evaluating a package', () => {
  it('gives the int8 answers of the edge’s engine, in the order of the examples', async () => {
    const examples = await someExamples(4);
    const done: number[] = [];
    const answers = await evaluatePackage({
      package: folder,
      precision: 'int8',
      examples,
      crops: 1,
      backend: WASM,
      threads: 2,
      onProgress: (n) => done.push(n),
    });
    expect(answers.classes).toBe(3);
    expect([...answers.labels]).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
    const { network, preprocessing } = folder.manifest;
    const engine = loadEngine(await loadKernels(), network, await folder.bytes('int8'));
    for (const [i, { path }] of examples.entries()) {
      const pixels = await decodeFile(path, preprocessing);
      expect(row(answers.probabilities, i)).toEqual(engine.classify(pixels));
    }
    expect(done.at(-1)).toBe(12);
  });

  it('throws the first error while threads still answer', async () => {
    const examples = await someExamples(40);
    const failing = evaluatePackage({
      package: folder,
      precision: 'int8',
      examples,
      crops: 1,
      backend: WASM,
      threads: 2,
      onProgress() {
        block(300); // as a native run does: answers of the threads queue up
        throw new Error('the disk is full');
      },
    });
    await expect(failing).rejects.toThrow('the disk is full');
    await new Promise((resolve) => setTimeout(resolve, 100)); // late answers must not end the process
  });

  it('gives the float32 answers of the reference', async () => {
    const examples = await someExamples(2);
    const options = { package: folder, precision: 'f32', crops: 1, backend: WASM } as const;
    const { probabilities } = await evaluatePackage({ ...options, examples, threads: 1 });
    const { network, preprocessing } = folder.manifest;
    const weights = await folder.tensors('f32');
    const reference = createReference(await loadTfjsWasm(), googlenet(network), weights);
    for (const [i, { path }] of examples.entries()) {
      const pixels = await decodeFile(path, preprocessing);
      const expected = reference.classify(normalise(pixels, preprocessing));
      for (const [c, p] of row(probabilities, i).entries()) expect(p).toBeCloseTo(expected[c]!, 5);
    }
    reference.dispose();
  });

  it('averages ten crops', async () => {
    const examples = await someExamples(1);
    const options = { package: folder, precision: 'int8', backend: WASM, threads: 1 } as const;
    const one = await evaluatePackage({ ...options, examples, crops: 1 });
    const ten = await evaluatePackage({ ...options, examples, crops: 10 });
    for (const i of examples.keys()) {
      const sum = row(ten.probabilities, i).reduce((a, b) => a + b, 0);
      expect(sum).toBeCloseTo(1, 5);
    }
    expect(ten.probabilities).not.toEqual(one.probabilities);
  });

  it.each([
    ['int8', 'on the edge’s engine'],
    ['f32', 'on wasm'],
  ] as const)('averages 144 crops in %s %s, in any order', async (precision, _) => {
    const [example] = await someExamples(1);
    const options = { package: folder, precision, backend: WASM, threads: 1 } as const;
    const { probabilities } = await evaluatePackage({
      ...options,
      examples: [example!],
      crops: 144,
    });
    const { network, preprocessing } = folder.manifest;
    const target = decodingTarget(preprocessing, 144);
    const image = await new FileDecoder().image(example!.path, target);
    const views = cropsOf(image, preprocessing, 144);
    const classify = await oneByOne(precision, network, preprocessing);
    const sum = [0, 0, 0];
    for (let k = 143; k >= 0; k--) {
      const view = views.subarray(k * 32 * 32 * 3, (k + 1) * 32 * 32 * 3);
      for (const [c, p] of classify(view).entries()) sum[c]! += p;
    }
    for (const [c, total] of sum.entries()) expect(probabilities[c]).toBeCloseTo(total / 144, 5);
  });

  it('names a broken file', async () => {
    const examples = await someExamples(1);
    const path = join(await temporaryFolder(), 'broken.jpg');
    await writeFile(path, 'no image');
    const options = { package: folder, precision: 'int8', crops: 1, backend: WASM } as const;
    const bad = [...examples, { path, label: 0 }];
    await expect(evaluatePackage({ ...options, examples: bad, threads: 1 })).rejects.toMatchObject({
      code: 'unsupported_format',
      message: expect.stringContaining('broken.jpg'),
    });
  });

  it('fails at once when the package lacks the precision', async () => {
    const { int8: _, ...files } = { ...folder, manifest: folder.manifest, int8: 0 };
    const unquantized: PackageFolder = {
      ...files,
      bytes: async (precision) => {
        if (precision === 'int8') throw new Error('has no weights.int8.safetensors');
        return folder.bytes(precision);
      },
    };
    const options = { precision: 'int8', crops: 1, backend: WASM, examples: [] } as const;
    await expect(evaluatePackage({ package: unquantized, ...options })).rejects.toThrow('int8');
  });
});

describeNative('evaluating on native TensorFlow', ({ addon }) => {
  it.each([1, 10, 144] as const)('gives the same answers as wasm, with %i crops', async (crops) => {
    const examples = await someExamples(2);
    const options = { package: folder, precision: 'f32', examples, crops, threads: 1 } as const;
    const native: RunnerBackend = { kind: 'native-cpu', reason: 'a test', addon };
    const a = await evaluatePackage({ ...options, backend: native });
    const b = await evaluatePackage({ ...options, backend: WASM });
    expect(a.labels).toEqual(b.labels);
    for (const [i, p] of a.probabilities.entries()) expect(p).toBeCloseTo(b.probabilities[i]!, 4);
  });
});
