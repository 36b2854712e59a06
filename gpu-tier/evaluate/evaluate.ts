/**
 * Asks a model package about labelled images. Images are decoded in threads of their own; int8 (on
 * the edge's own engine) and float32 on wasm are computed there as well, one image per thread, and
 * native TensorFlow uses all cores from the main thread.
 * @module
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { HebbError } from '../../shared/model/index.ts';
import { createRunner, type RunnerBackend } from '../backend/create-runner.ts';
import type { Example } from '../dataset/dataset.ts';
import type { PackageFolder, Precision } from '../packages/folder.ts';
import { ignoreLateAnswers } from '../threads/late-answers.ts';
import type { Answers } from './answers.ts';
import { averageCrops, type Crops } from './crops.ts';
import type { WorkerConfig, WorkerReply, WorkerTask } from './worker.ts';

interface EvaluateOptions {
  readonly package: PackageFolder;
  readonly precision: Precision;
  /** Their labels are indices of the package's labels (see `relabel`). */
  readonly examples: readonly Example[];
  readonly crops: Crops;
  /** What float32 is computed on; int8 has its own engine. */
  readonly backend: RunnerBackend;
  /** Threads that decode; as many as there are cores if absent. */
  readonly threads?: number;
  /** Called with the number of images that are answered. */
  readonly onProgress?: (done: number) => void;
}

/** Images per native run: its batch is this times the crops of an image. */
const NATIVE_IMAGES = { 1: 32, 10: 4 } as const;
/** Images per task of a thread that computes too: few, so that no thread idles at the end. */
const WASM_IMAGES = { 1: 4, 10: 1 } as const;

/**
 * The answers of the package on the examples, in their order. Throws `broken_image` and the like,
 * naming the file, when one cannot be decoded.
 */
export async function evaluatePackage(options: EvaluateOptions): Promise<Answers> {
  const { package: folder, precision, examples, crops, backend } = options;
  const { classes } = folder.manifest.network;
  const threads = options.threads ?? availableParallelism();
  const native = precision === 'f32' && backend.addon !== undefined;
  const engine = native ? 'none' : precision === 'int8' ? 'int8' : 'wasm';
  const size = (native ? NATIVE_IMAGES : WASM_IMAGES)[crops];
  const probabilities = new Float32Array(examples.length * classes);
  await folder.bytes(precision); // says what is missing or broken before any thread starts
  const finish = native ? await nativeAnswers(options, size) : answered;
  const pool = startThreads(threads, { dir: folder.dir, crops, engine });
  try {
    let done = 0;
    const ask = (batch: readonly Example[]) => pool.run(batch.map(({ path }) => path));
    for await (const reply of inOrder(chunks(examples, size), 2 * threads, ask)) {
      const part = finish.take(reply);
      probabilities.set(part, done * classes);
      done += part.length / classes;
      options.onProgress?.(done);
    }
  } finally {
    finish.dispose();
    await pool.destroy();
  }
  return { classes, labels: Int32Array.from(examples, ({ label }) => label), probabilities };
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
    atomics: 'disabled', // native runs block this thread: nothing is gained by polling for answers
    workerData: config,
  });
  return ignoreLateAnswers(pool);
}

/** Makes probabilities [images, classes] of what a thread gives. */
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

async function nativeAnswers(
  { package: folder, crops, backend }: EvaluateOptions,
  size: number,
): Promise<Finish> {
  const { runner, inputSize } = await createRunner({
    dir: folder.dir,
    backend,
    precision: 'f32',
  });
  const { classes } = folder.manifest.network;
  const imageLength = inputSize * inputSize * 3;
  const batch = new Uint8Array(size * crops * imageLength);
  return {
    take(reply) {
      if (!('pixels' in reply)) throw failure(reply);
      // Always the same shape, for which TensorFlow has planned; what is left over is not looked at.
      batch.set(reply.pixels);
      const views = reply.pixels.length / imageLength;
      const each = runner.run(batch, size * crops).probabilities.subarray(0, views * classes);
      return averageCrops(each, classes, crops);
    },
    dispose: () => runner.dispose(),
  };
}

/** What a reply that holds no result says. */
export function failure(reply: WorkerReply): Error {
  if (!('error' in reply))
    return new Error('The thread gave something else than it was asked for.');
  const { code, message, hint } = reply.error;
  return new HebbError(code, message, { hint });
}

export function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

/**
 * Runs `work` on every item, at most `limit` at a time, and gives the results in the items' order.
 * The first failure ends it; what is still running is not waited for.
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item>,
  limit: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  for (const item of items) {
    const result = work(item);
    // It is awaited below, in its turn; until then a failure is not unhandled.
    result.catch(() => {});
    running.push(result);
    if (running.length >= limit) yield await running.shift()!;
  }
  for (const result of running) yield await result;
}
