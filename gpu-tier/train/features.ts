/**
 * The trunk's features of images, computed once and kept on disk: what a new classifier is trained on
 * while the trunk stays as it is.
 * @module
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  type HebbError,
  readSafetensors,
  tensorOf,
  writeSafetensors,
} from '../../shared/model/index.ts';
import { createRunner, type RunnerBackend } from '../backend/create-runner.ts';
import type { Example } from '../dataset/dataset.ts';
import { chunks, failure, inOrder, startThreads } from '../evaluate/evaluate.ts';
import type { PackageFolder } from '../packages/folder.ts';
import { isStorageError, writing } from '../storage/storage-error.ts';
import { replaceFile } from '../storage/write-file.ts';

/** Features of an image as it is and mirrored. */
const VIEWS = 2;
/** Images per run of the backend, which gets twice as many views. */
const BATCH = 16;

export interface Features {
  /** Numbers per view: 1024. */
  readonly width: number;
  /** Views per image. */
  readonly views: number;
  /** float32 [images, views, width]. */
  readonly data: Float32Array;
  /** int32 [images]. */
  readonly labels: Int32Array;
}

export interface FeatureOptions {
  readonly package: PackageFolder;
  readonly examples: readonly Example[];
  /** Of the data set and the side that the examples are: `<sha256> train`. */
  readonly key: string;
  readonly backend: RunnerBackend;
  /** Folder that features are kept in. */
  readonly cache: string;
  readonly onProgress?: (done: number) => void;
  /** Told why features could not be kept; they are computed again the next time. */
  readonly onNotKept?: (error: HebbError) => void;
}

/** The features of the examples, from the cache where they were computed before. */
export async function featuresOf(options: FeatureOptions): Promise<Features> {
  const { package: folder, examples, key, backend, cache } = options;
  const labels = Int32Array.from(examples, ({ label }) => label);
  const identity = [folder.manifest.version, key, backend.kind, VIEWS].join(' ');
  const file = join(cache, `${createHash('sha256').update(identity).digest('hex')}.safetensors`);
  const shape = [examples.length, VIEWS, 1024];
  const kept = await readFile(file).catch(() => undefined);
  const data = kept
    ? tensorOf(readSafetensors(kept), 'features', 'F32', shape).data
    : await compute(options);
  if (!kept) {
    const tensors = new Map([['features', { dtype: 'F32' as const, shape, data }]]);
    try {
      await writing(cache, () => mkdir(cache, { recursive: true }));
      await replaceFile(file, writeSafetensors(tensors), `${file}.${process.pid}`);
    } catch (error) {
      if (!isStorageError(error)) throw error;
      options.onNotKept?.(error);
    }
  }
  return { width: 1024, views: VIEWS, data, labels };
}

async function compute(options: FeatureOptions): Promise<Float32Array<ArrayBuffer>> {
  const { package: folder, examples, backend, onProgress } = options;
  const threads = availableParallelism();
  const pool = startThreads(threads, { dir: folder.dir, crops: 1, engine: 'none' });
  const { runner, inputSize } = await createRunner({ dir: folder.dir, backend, precision: 'f32' });
  const imageLength = inputSize * inputSize * 3;
  const batch = new Uint8Array(BATCH * VIEWS * imageLength);
  const data = new Float32Array(examples.length * VIEWS * 1024);
  let done = 0;
  try {
    const ask = (part: readonly Example[]) => pool.run(part.map(({ path }) => path));
    for await (const reply of inOrder(chunks(examples, BATCH), 2 * threads, ask)) {
      if (!('pixels' in reply)) throw failure(reply);
      const images = reply.pixels.length / imageLength;
      for (let i = 0; i < images; i++) {
        const image = reply.pixels.subarray(i * imageLength, (i + 1) * imageLength);
        batch.set(image, i * VIEWS * imageLength);
        batch.set(mirrored(image, inputSize), (i * VIEWS + 1) * imageLength);
      }
      // Always the same shape, for which TensorFlow has planned; what is left over is not looked at.
      const { embedding } = runner.run(batch, BATCH * VIEWS);
      data.set(embedding.subarray(0, images * VIEWS * 1024), done * VIEWS * 1024);
      done += images;
      onProgress?.(done);
    }
  } finally {
    runner.dispose();
    await pool.destroy();
  }
  return data;
}

/** uint8 RGB [s, s, 3] with left and right swapped. */
export function mirrored(image: Uint8Array, side: number): Uint8Array {
  const result = new Uint8Array(image.length);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const from = (y * side + x) * 3;
      result.set(image.subarray(from, from + 3), (y * side + side - 1 - x) * 3);
    }
  }
  return result;
}
