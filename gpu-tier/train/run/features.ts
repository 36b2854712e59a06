/**
 * The trunk's features of images, computed once and cached on disk: a new classifier is trained on them
 * while the trunk is frozen.
 * @module
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type HebbError, readSafetensors, tensorOf, writeSafetensors } from '@hebb/model';
import type { PackageFolder } from '@hebb/packages/folder';
import { isStorageError, writing } from '@hebb/packages/storage/storage-error';
import { replaceFile } from '@hebb/packages/storage/write-file';
import { createRunner, type RunnerBackend } from '@hebb/tensorflow/backend/create-runner';
import type { Example } from '../dataset/dataset.ts';
import { mirrored } from '../evaluate/crops.ts';
import { chunks, failure, inOrder, startThreads } from '../evaluate/evaluate.ts';

/** Each image is seen unchanged and mirrored. */
const VIEWS = 2;
/** Images per run of the backend, which gets two views of each. */
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
  /** Of multi-label data: the classes of each image. */
  readonly sets?: readonly (readonly number[])[];
}

export interface FeatureOptions {
  readonly package: PackageFolder;
  readonly examples: readonly Example[];
  /** Identifies the examples: fingerprint of the data set and side, `<sha256> train`. */
  readonly key: string;
  readonly backend: RunnerBackend;
  /** Cache folder. */
  readonly cache: string;
  readonly onProgress?: (done: number) => void;
  /** Called when the features cannot be cached; the next run computes them again. */
  readonly onNotKept?: (error: HebbError) => void;
}

/** The features of the examples, from the cache if they are there. */
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
  const sets = examples.flatMap(({ labels: set }) => (set ? [set] : []));
  return { width: 1024, views: VIEWS, data, labels, ...(sets.length > 0 && { sets }) };
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
      // Always the same shape, so that TensorFlow plans once; surplus rows are ignored.
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
