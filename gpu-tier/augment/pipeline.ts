/**
 * The input pipeline: batches of decoded, augmented images, made by worker threads ahead of the one
 * who trains on them.
 * @module
 */
import { HebbError } from '../../shared/model/errors.ts';
import { createArena } from './arena.ts';
import type { AugmentOptions, Batch, BatchRequest, Pipeline } from './batch.ts';
import type { Sample, Stored } from './sample.ts';
import { Threads } from './threads.ts';

export interface PipelineOptions {
  /** Undefined: plain preprocessing, shorter side to size · 256/224 and centre crop, as in evaluation. */
  readonly augment: AugmentOptions | undefined;
  readonly threads: number;
  /** Batches in the making ahead of the one that is read, at least 1. */
  readonly prefetch: number;
  /**
   * Memory for decoded images: an image is decoded once as long as they fit. Augmented ones are kept
   * reduced to `storedSide` (0.2 to 0.4 MB each), plain ones as they come out (for each size anew).
   */
  readonly cacheBytes: number;
  /**
   * Augmentation starts from images whose shorter side has at most so many pixels, whether or not
   * they are kept: 320 by default, enough for crops of 30 % of the area at 224 px without
   * enlarging. Smaller images stay as they are.
   */
  readonly storedSide?: number;
}

/** Images per job: small enough that all threads share a batch, large enough to be worth a message. */
const JOB_SAMPLES = 8;

/**
 * The same requests give the same pixels whatever the number of threads, what is cached and how far
 * it works ahead. Call `close` when done.
 */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { augment, prefetch, cacheBytes, storedSide = 320 } = options;
  const settings = { augment, storedSide, arena: createArena(cacheBytes) };
  const threads = new Threads(options.threads, settings);
  const cache = new ImageCache();
  const keyOf = (path: string, size: number) => (augment ? path : `${size} ${path}`);

  async function make(request: BatchRequest, signal: AbortSignal): Promise<Batch> {
    const { examples, seeds, size } = request;
    if (seeds.length !== examples.length) {
      throw new HebbError('internal', `${seeds.length} seeds for ${examples.length} examples.`);
    }
    const pixels = new SharedArrayBuffer(examples.length * size * size * 3);
    const jobs: Promise<void>[] = [];
    for (let first = 0; first < examples.length; first += JOB_SAMPLES) {
      const samples = examples.slice(first, first + JOB_SAMPLES).map(
        ({ path }, i): Sample => ({
          path,
          seed: seeds[first + i]!,
          ...cache.look(keyOf(path, size)),
        }),
      );
      jobs.push(run({ samples, size, pixels, first }, signal));
    }
    await Promise.all(jobs);
    const labels = Int32Array.from(examples, ({ label }) => label);
    return { pixels: new Uint8Array(pixels), labels, size };
  }

  async function run(job: Parameters<Threads['run']>[0], signal: AbortSignal): Promise<void> {
    const kept = job.samples
      .map(({ path, keep }, i) => ({ key: keyOf(path, job.size), keep, i }))
      .filter(({ keep }) => keep);
    try {
      const result = await threads.run(job, signal);
      for (const { key, i } of kept) {
        if (result) cache.settle(key, result[i]);
        else cache.forget(key);
      }
    } catch (error) {
      for (const { key } of kept) cache.forget(key);
      throw error;
    }
  }

  return {
    async *batches(requests) {
      const abort = new AbortController();
      const ahead: Promise<Batch>[] = [];
      const iterator = requests[Symbol.iterator]();
      const fill = () => {
        while (ahead.length <= prefetch) {
          const next = iterator.next();
          if (next.done) return;
          const batch = make(next.value, abort.signal);
          batch.catch(() => {}); // it is awaited in its turn
          ahead.push(batch);
        }
      };
      try {
        for (fill(); ahead.length > 0; fill()) yield await ahead.shift()!;
      } finally {
        abort.abort();
        iterator.return?.();
      }
    },
    close: () => threads.close(),
  };
}

interface Lookup {
  readonly stored?: Stored | undefined;
  /** Whoever asked shall put the image into the arena. */
  readonly keep: boolean;
}

class ImageCache {
  /** 'pending' is being decoded by someone; 'refused' did not fit. */
  readonly #images = new Map<string, Stored | 'pending' | 'refused'>();

  look(key: string): Lookup {
    const known = this.#images.get(key);
    if (known === undefined) {
      this.#images.set(key, 'pending');
      return { keep: true };
    }
    return typeof known === 'string' ? { keep: false } : { stored: known, keep: false };
  }

  /** After a `look` that said keep. */
  settle(key: string, stored: Stored | undefined): void {
    this.#images.set(key, stored ?? 'refused');
  }

  /** After a `look` that said keep, when nobody did. */
  forget(key: string): void {
    this.#images.delete(key);
  }
}
