/**
 * A small generated model package in float32 and int8: a real GoogLeNet with seeded random weights, quantised by
 * the real quantiser, for tests that need no particular answers. Its weights are cached until the code that makes
 * them changes, since many tests use the same.
 * @module
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { ROOT } from '@hebb/local/bundle';
import { builtOnce, type Sources } from '@hebb/local/stamp';
import {
  foldBatchNorm,
  googlenet,
  type Manifest,
  type Preprocessing,
  type QuantizationReport,
  type Tensors,
  type Variant,
  writeSafetensors,
} from '@hebb/model';
import { writePackage } from '@hebb/packages/folder';
import { withLock } from '@hebb/packages/storage/lock';
import { calibrate } from '@hebb/train/quantize/calibrate';
import { loadFloatNetwork } from '@hebb/train/quantize/float-network';
import { plainPlan, planTensors } from '@hebb/train/quantize/plan';
import { randomPixels } from './random-quantized.ts';
import { randomWeights } from './random-weights.ts';

export interface TestPackageOptions {
  readonly name?: string;
  readonly variant?: Variant;
  readonly classes?: number;
  readonly inputSize?: number;
  readonly seed?: number;
  /** False leaves the float32 weights (24 MB) out of the package. */
  readonly float?: boolean;
  /** Adds a report as if the gate had measured the int8 weights; false leaves it out. */
  readonly measured?: boolean;
  /** The network ends in sigmoid; these are the thresholds of its labels, undefined: none of its own. */
  readonly thresholds?: readonly (number | undefined)[];
}

const KEPT = join(ROOT, '.cache', 'test-models');
const SOURCES: Sources = {
  root: ROOT,
  folders: ['shared/model', 'gpu-tier/train/quantize', 'gpu-tier/train/random', 'test/support'],
  wanted: (path) => extname(path) === '.ts',
  files: [join(ROOT, 'package-lock.json')],
};

/** A report that the int8 weights passed the gate, since measuring random weights is useless. */
const MEASURED: QuantizationReport = {
  scheme: 'w8a7',
  scales: 'percentile 99.99',
  calibrationImages: 3,
  evaluationImages: 3,
  agreement: 100,
};

export function testPreprocessing(inputSize: number): Preprocessing {
  return {
    channelOrder: 'rgb',
    mean: [124, 116, 104],
    scale: [1 / 58, 1 / 57, 1 / 57],
    resize: { rule: 'shorter-side', size: Math.round((inputSize * 8) / 7) },
    crop: inputSize,
  };
}

/** Float32 and int8 tensors of a random network with folded batch norm. */
export async function randomModel(options: TestPackageOptions = {}): Promise<{
  readonly float: Tensors;
  readonly int8: Tensors;
}> {
  const { variant = 'lrn', classes = 5, inputSize = 224, seed = 1 } = options;
  const unfolded = googlenet({ variant, classes, inputSize });
  const { network, weights } = foldBatchNorm(unfolded, randomWeights(unfolded, seed));
  const preprocessing = testPreprocessing(inputSize);
  const model = { network, weights, preprocessing };
  const reference = await loadFloatNetwork(model, {});
  const images = [1, 2, 3].map((n) => randomPixels(inputSize, seed + n));
  const calibration = calibrate(reference, network, images);
  reference.dispose();
  const plan = plainPlan(network, calibration, { rule: 'percentile', percent: 99.99 });
  const int8 = planTensors(model, plan);
  return { float: weights, int8 };
}

/** The tensors as files, from the cache if possible. */
async function randomFiles(options: TestPackageOptions) {
  const { variant = 'lrn', classes = 5, inputSize = 224, seed = 1 } = options;
  const key = `${variant}-${classes}-${inputSize}-${seed}`;
  const path = (precision: 'f32' | 'int8') => join(KEPT, `${key}.${precision}.safetensors`);
  await mkdir(KEPT, { recursive: true });
  await withLock(join(KEPT, `${key}.lock`), () =>
    builtOnce(join(KEPT, `${key}.json`), SOURCES, async () => {
      const { float, int8 } = await randomModel(options);
      await writeFile(path('f32'), writeSafetensors(float));
      await writeFile(path('int8'), writeSafetensors(int8));
      return {};
    }),
  );
  return { f32: await readFile(path('f32')), int8: await readFile(path('int8')) };
}

/** Writes such a package to `dir`. The labels are `class 0`, `class 1`, … */
export async function writeTestPackage(
  dir: string,
  options: TestPackageOptions = {},
): Promise<Manifest> {
  const { name = 'test', variant = 'lrn', classes = 5, inputSize = 224 } = options;
  const { float: withFloat = true, measured = true, thresholds } = options;
  const { f32, int8 } = await randomFiles(options);
  return writePackage(dir, {
    manifest: {
      name,
      network: {
        variant,
        classes,
        inputSize,
        folded: variant.startsWith('bn'),
        ...(thresholds && { output: 'sigmoid' as const }),
      },
      preprocessing: testPreprocessing(inputSize),
      labels: Array.from({ length: classes }, (_, i) => ({
        name: `class ${i}`,
        ...(thresholds?.[i] !== undefined && { threshold: thresholds[i] }),
      })),
      ...(measured && { quantization: MEASURED }),
      lineage: { source: 'seeded random weights, for tests' },
    },
    weights: {
      ...(withFloat && { f32 }),
      int8,
    },
  });
}
