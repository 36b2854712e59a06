/**
 * Threads that decode images and run the int8 network on them.
 * @module
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ignoreLateAnswers } from '@hebb/images/threads/late-answers';
import { HebbError, type Tensors, writeSafetensors } from '@hebb/model';
import { Piscina } from 'piscina';
import { chunks, inOrder } from '../evaluate/evaluate.ts';
import type { WorkerConfig, WorkerReply, WorkerTask } from './worker.ts';

/** Images per task: few, so that no thread idles at the end. */
const TASK_IMAGES = 8;

/** Pixels of images, and the int8 network's logits for them. */
export interface Answered {
  /** uint8 RGB [s, s, 3] each. */
  readonly images: readonly Uint8Array[];
  /** float32 [classes] each; none without weights. */
  readonly logits: readonly Float32Array[];
}

/** Runs quantize/worker.ts on all cores. Call `close` at the end. */
export class QuantizeThreads {
  readonly #pool: Piscina<WorkerTask, WorkerReply>;
  readonly #threads: number;
  readonly #config: WorkerConfig;
  #models = 0;

  constructor(config: WorkerConfig, threads = availableParallelism()) {
    this.#config = config;
    this.#threads = threads;
    this.#pool = ignoreLateAnswers(
      new Piscina<WorkerTask, WorkerReply>({
        filename: fileURLToPath(new URL('./worker.ts', import.meta.url)),
        minThreads: threads,
        maxThreads: threads,
        atomics: 'disabled', // native runs block this thread, so polling for answers gains nothing
        workerData: config,
      }),
    );
  }

  /**
   * Decodes files, and classifies them if there are weights; in order, part by part.
   * Throws the decoder's error, such as `broken_image`.
   */
  async *files(paths: readonly string[], int8?: Tensors): AsyncGenerator<Answered> {
    const model = int8 && this.#share(int8);
    const run = (images: readonly string[]) =>
      this.#pool.run({ images, ...(model && { int8: model }) });
    for await (const reply of inOrder(chunks(paths, TASK_IMAGES), 2 * this.#threads, run)) {
      yield this.#answered(reply);
    }
  }

  /** The int8 network's logits for images, float32 [classes] each. */
  async logits(images: readonly Uint8Array[], int8: Tensors): Promise<readonly Float32Array[]> {
    const model = this.#share(int8);
    const size = Math.max(1, Math.min(TASK_IMAGES, Math.ceil(images.length / this.#threads)));
    const run = (part: readonly Uint8Array[]) =>
      this.#pool.run({ images: new Uint8Array(Buffer.concat(part)), int8: model });
    const logits: Float32Array[] = [];
    for await (const reply of inOrder(chunks(images, size), 2 * this.#threads, run)) {
      logits.push(...this.#answered(reply).logits);
    }
    return logits;
  }

  /**
   * What the layers of the int8 network read at some pixels of the images.
   * @param pixels of each image
   */
  async windows(
    images: readonly Uint8Array[],
    int8: Tensors,
    pixels: number,
  ): Promise<ReadonlyMap<string, readonly Uint8Array[]>> {
    const model = this.#share(int8);
    const run = (part: readonly Uint8Array[]) =>
      this.#pool.run({
        images: new Uint8Array(Buffer.concat(part)),
        int8: model,
        windows: pixels,
      });
    const all = new Map<string, Uint8Array[]>();
    for await (const reply of inOrder(chunks(images, TASK_IMAGES), 2 * this.#threads, run)) {
      if ('error' in reply) this.#answered(reply);
      else for (const [key, part] of reply.windows!) all.set(key, [...(all.get(key) ?? []), part]);
    }
    return all;
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  #share(int8: Tensors): NonNullable<WorkerTask['int8']> {
    const file = writeSafetensors(int8);
    const bytes = new Uint8Array(new SharedArrayBuffer(file.length));
    bytes.set(file);
    this.#models++;
    return { id: this.#models, bytes };
  }

  #answered(reply: WorkerReply): Answered {
    if ('error' in reply) {
      const { code, message, hint } = reply.error;
      throw new HebbError(code, message, { hint });
    }
    const { inputSize, classes } = this.#config.network;
    const { pixels = new Uint8Array(), logits = new Float32Array() } = reply;
    return {
      images: [...chunksOf(pixels, inputSize ** 2 * 3)],
      logits: [...chunksOf(logits, classes)],
    };
  }
}

/** Consecutive parts of equal length. */
export function* chunksOf<T extends Uint8Array | Float32Array>(all: T, size: number): Generator<T> {
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size) as T;
}
