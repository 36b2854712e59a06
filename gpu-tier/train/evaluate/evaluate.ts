/**
 * Runs a model package on labelled images. Threads decode the images; they also compute int8 (on the
 * edge's own engine) and float32 on wasm, one image per thread. Native TensorFlow runs in the main thread
 * and uses all cores.
 * @module
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ignoreLateAnswers } from '@hebb/images/threads/late-answers';
import { HebbError } from '@hebb/model';
import type { PackageFolder, Precision } from '@hebb/packages/folder';
import { createRunner, type RunnerBackend } from '@hebb/tensorflow/backend/create-runner';
import { Piscina } from 'piscina';
import type { Example } from '../dataset/dataset.ts';
import type { Answers } from './answers.ts';
import { averageCrops, type Crops } from './crops.ts';
import type { WorkerConfig, WorkerReply, WorkerTask } from './worker.ts';

interface EvaluateOptions {
  readonly package: PackageFolder;
  readonly precision: Precision;
  /** Labels are indices of the package's labels (see `relabel`). */
  readonly examples: readonly Example[];
  readonly crops: Crops;
  /** Backend of float32; int8 has its own engine. */
  readonly backend: RunnerBackend;
  /** Decoding threads; default: number of cores. */
  readonly threads?: number;
  /** Called with the number of answered images. */
  readonly onProgress?: (done: number) => void;
}

/** Images per task of a thread that only decodes, by crops. */
const NATIVE_IMAGES = { 1: 32, 10: 4, 144: 1 } as const;
/** Crops per native run: they divide those of a task. */
const NATIVE_BATCH = { 1: 32, 10: 40, 144: 48 } as const;
/** Images per task of a thread that also computes, by crops: few, so that no thread idles at the end. */
const WASM_IMAGES = { 1: 4, 10: 1, 144: 1 } as const;
/** Limit for decoded pixels that wait for a native run, bytes; 144 crops of 224 pixels take 22 MB. */
const MOST_WAITING_BYTES = 200e6;

/**
 * The answers of the package on the examples, in their order. Throws the decoder's error, such as
 * `broken_image`, naming the file, when an image cannot be decoded.
 * @example
 * const answers = await evaluatePackage({ package: folder, precision: 'int8', examples, crops: 1, backend });
 */
export async function evaluatePackage(options: EvaluateOptions): Promise<Answers> {
  const { package: folder, precision, examples, crops, backend } = options;
  const { classes, inputSize } = folder.manifest.network;
  const threads = options.threads ?? availableParallelism();
  const native = precision === 'f32' && backend.addon !== undefined;
  const engine = native ? 'none' : precision === 'int8' ? 'int8' : 'wasm';
  const size = (native ? NATIVE_IMAGES : WASM_IMAGES)[crops];
  const probabilities = new Float32Array(examples.length * classes);
  await folder.bytes(precision); // throws before any thread starts if weights are missing or broken
  const finish = native ? await nativeAnswers(options) : answered;
  const taskBytes = native ? size * crops * inputSize ** 2 * 3 : 0;
  const most = Math.min(2 * threads, Math.max(2, Math.floor(MOST_WAITING_BYTES / taskBytes)));
  const pool = startThreads(threads, { dir: folder.dir, crops, engine });
  try {
    let done = 0;
    const ask = (batch: readonly Example[]) => pool.run(batch.map(({ path }) => path));
    for await (const reply of inOrder(chunks(examples, size), most, ask)) {
      const part = finish.take(reply);
      probabilities.set(part, done * classes);
      done += part.length / classes;
      options.onProgress?.(done);
    }
  } finally {
    finish.dispose();
    await pool.destroy();
  }
  const labels = Int32Array.from(examples, ({ label }) => label);
  const sets = examples.flatMap(({ labels: set }) => (set ? [set] : []));
  return { classes, labels, probabilities, ...(sets.length > 0 && { sets }) };
}

/** Threads that run worker.ts. */
export function startThreads(
  threads: number,
  config: WorkerConfig,
): Piscina<WorkerTask, WorkerReply> {
  const pool = new Piscina<WorkerTask, WorkerReply>({
    filename: fileURLToPath(new URL('./worker.ts', import.meta.url)),
    minThreads: threads,
    maxThreads: threads,
    atomics: 'disabled', // native runs block this thread, so polling for answers gains nothing
    workerData: config,
  });
  return ignoreLateAnswers(pool);
}

/** Turns a thread's reply into probabilities [images, classes]. */
interface Finish {
  take(reply: WorkerReply): Float32Array;
  dispose(): void;
}

const answered: Finish = {
  take(reply) {
    if ('probabilities' in reply) return reply.probabilities;
    throw failure(reply);
  },
  dispose() {},
};

async function nativeAnswers({
  package: folder,
  crops,
  backend,
}: EvaluateOptions): Promise<Finish> {
  const { runner, inputSize } = await createRunner({
    dir: folder.dir,
    backend,
    precision: 'f32',
  });
  const { classes } = folder.manifest.network;
  const imageLength = inputSize * inputSize * 3;
  const size = NATIVE_BATCH[crops];
  const batch = new Uint8Array(size * imageLength);
  return {
    take(reply) {
      if (!('pixels' in reply)) throw failure(reply);
      const { pixels } = reply;
      const views = pixels.length / imageLength;
      const each = new Float32Array(views * classes);
      for (let at = 0; at < views; at += size) {
        // Always the same shape, so that TensorFlow plans once; surplus rows are ignored.
        batch.set(pixels.subarray(at * imageLength, (at + size) * imageLength));
        const count = Math.min(size, views - at);
        const { probabilities } = runner.run(batch, size);
        each.set(probabilities.subarray(0, count * classes), at * classes);
      }
      return averageCrops(each, classes, crops);
    },
    dispose: () => runner.dispose(),
  };
}

/** The error of a reply without a result. */
export function failure(reply: WorkerReply): Error {
  if (!('error' in reply)) return new Error('The thread returned a result of the wrong kind.');
  const { code, message, hint } = reply.error;
  return new HebbError(code, message, { hint });
}

/** Consecutive parts of at most `size` items. */
export function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

/**
 * Runs `work` on every item, at most `limit` concurrently, and yields the results in order. The first
 * failure ends it without waiting for running items.
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item>,
  limit: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  for (const item of items) {
    const result = work(item);
    // Awaited below, in order; until then a failure is not unhandled.
    result.catch(() => {});
    running.push(result);
    if (running.length >= limit) yield await running.shift()!;
  }
  for (const result of running) yield await result;
}
