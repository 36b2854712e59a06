import { fileURLToPath } from 'node:url';
import { HebbError } from '@hebb/model/errors';
import { deferred } from '@hebb/model/node20';
import { Piscina } from 'piscina';
import type { ImageSource } from './file.ts';
import { ignoreLateAnswers } from './threads/late-answers.ts';
import type { InputTask, JpegTask, Reply, Size } from './worker.ts';

/** Limit of queued images; each holds only its encoded bytes. */
const LONGEST_LINE = 1024;

/**
 * Threads that decode images (worker.ts). They start with the first image and end after 60 s without one. Rejects with
 * the HebbError of an invalid image, or with `overloaded` when the queue is full.
 *
 * @example
 * const threads = new DecodeThreads(availableParallelism());
 * const pixels = await threads.input('cat.jpg', { resize: { rule: 'warp', size: 256 }, crop: 224 });
 * await threads.close();
 */
export class DecodeThreads {
  readonly #pool: Piscina;
  readonly #threads: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(threads: number) {
    this.#threads = threads;
    this.#pool = ignoreLateAnswers(
      new Piscina({
        filename: fileURLToPath(new URL('./worker.ts', import.meta.url)),
        minThreads: 0,
        maxThreads: threads,
        idleTimeout: 60_000,
      }),
    );
  }

  /**
   * The network's input, equal to the edge's: uint8 RGB [crop, crop, 3].
   * @param signal cancels an image in the queue; one in progress is finished, since ending it would end its thread
   */
  input(
    source: ImageSource,
    { resize, crop }: InputTask['preprocessing'],
    signal?: AbortSignal,
  ): Promise<Uint8Array> {
    const task: InputTask = { source, preprocessing: { resize, crop } };
    return this.#run('input', task, signal);
  }

  /** Size of a picture, upright, pixels. Decodes it, so that damaged files are errors. */
  size(source: string): Promise<Size> {
    return this.#run('size', { source });
  }

  /** A reduced JPEG of the picture. */
  jpeg(task: JpegTask): Promise<Uint8Array> {
    return this.#run('jpeg', task);
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #run<T>(name: string, task: object, signal?: AbortSignal): Promise<T> {
    await this.#turn(signal);
    try {
      const reply = (await this.#pool.run(task, { name })) as Reply<T>;
      if ('result' in reply) return reply.result;
      const { code, message, hint } = reply.error;
      throw new HebbError(code, message, { hint });
    } finally {
      const next = this.#waiting.shift();
      if (next)
        next(); // passes the slot on
      else this.#running--;
    }
  }

  async #turn(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#running >= this.#threads) await this.#wait(signal);
    else this.#running++;
  }

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.length >= LONGEST_LINE) {
      throw new HebbError('overloaded', `${LONGEST_LINE} images are waiting to be decoded.`);
    }
    const { promise, resolve, reject } = deferred<void>();
    const leave = () => {
      const place = this.#waiting.indexOf(resolve);
      if (place >= 0) this.#waiting.splice(place, 1);
      reject(signal?.reason);
    };
    this.#waiting.push(resolve);
    signal?.addEventListener('abort', leave);
    try {
      await promise;
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  }
}
