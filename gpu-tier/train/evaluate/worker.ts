/**
 * A thread that decodes images and, with an engine in WebAssembly, classifies them.
 * @module
 */
import { workerData } from 'node:worker_threads';
import { loadEngine } from '@hebb/engine';
import { FileDecoder } from '@hebb/images/file';
import { type ErrorBody, HebbError } from '@hebb/model';
import { readPackage } from '@hebb/packages/folder';
import { createRunner } from '@hebb/tensorflow/backend/create-runner';
import { loadKernels } from '../quantize/kernels.ts';
import { averageCrops, type Crops, cropsOf, decodingTarget } from './crops.ts';

export interface WorkerConfig {
  /** Folder of the model package. */
  readonly dir: string;
  readonly crops: Crops;
  /** `none`: return the pixels, for a backend in the main thread. */
  readonly engine: 'none' | 'int8' | 'wasm';
}

/** Paths of images. */
export type WorkerTask = readonly string[];

export type WorkerReply =
  /** uint8 RGB [images · crops, s, s, 3] */
  | { readonly pixels: Uint8Array }
  /** float32 [images, classes], crops averaged */
  | { readonly probabilities: Float32Array }
  | { readonly error: ErrorBody['error'] };

/** uint8 RGB [n, s, s, 3] → float32 [n, classes] */
type Classify = (pixels: Uint8Array, n: number) => Float32Array;

const config = workerData as WorkerConfig;
const decoder = new FileDecoder();
const { manifest, bytes } = await readPackage(config.dir);
const { inputSize, classes } = manifest.network;
const imageLength = inputSize * inputSize * 3;
const classify = await load(config.engine);

async function load(engine: WorkerConfig['engine']): Promise<Classify | undefined> {
  if (engine === 'none') return undefined;
  if (engine === 'wasm') {
    const backend = { kind: 'wasm', reason: 'evaluation' } as const;
    const { runner } = await createRunner({ dir: config.dir, backend, precision: 'f32' });
    return (pixels, n) => {
      const probabilities = new Float32Array(n * classes);
      for (let i = 0; i < n; i += WASM_BATCH) {
        const count = Math.min(WASM_BATCH, n - i);
        const part = pixels.subarray(i * imageLength, (i + count) * imageLength);
        probabilities.set(runner.run(part, count).probabilities, i * classes);
      }
      return probabilities;
    };
  }
  const int8 = loadEngine(await loadKernels(), manifest.network, await bytes('int8'));
  return (pixels, n) => {
    const probabilities = new Float32Array(n * classes);
    for (let i = 0; i < n; i++) {
      const image = pixels.subarray(i * imageLength, (i + 1) * imageLength);
      probabilities.set(int8.classify(image), i * classes);
    }
    return probabilities;
  };
}

/** Crops per run of tfjs, which allocates memory in proportion. */
const WASM_BATCH = 16;

/** With one crop, bit for bit the input on the edge. */
async function viewsOf(path: string): Promise<Uint8Array> {
  const { preprocessing } = manifest;
  if (config.crops === 1) return await decoder.input(path, preprocessing);
  const image = await decoder.image(path, decodingTarget(preprocessing, config.crops));
  return cropsOf(image, preprocessing, config.crops);
}

/** Errors are returned as data: structured cloning would lose their class. */
export default async function answer(paths: WorkerTask): Promise<WorkerReply> {
  try {
    const views: Uint8Array[] = [];
    for (const path of paths) views.push(await viewsOf(path));
    const pixels = new Uint8Array(Buffer.concat(views));
    if (!classify) return { pixels };
    const each = classify(pixels, paths.length * config.crops);
    return { probabilities: averageCrops(each, classes, config.crops) };
  } catch (error) {
    if (!(error instanceof HebbError)) throw error;
    return { error: { code: error.code, message: error.message, hint: error.hint } };
  }
}
