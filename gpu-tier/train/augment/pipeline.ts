/**
 * The input pipeline: worker threads make batches of decoded, augmented images ahead of the training.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import type { Preprocessing } from '@hebb/model/preprocess/preprocessing';
import { createArena } from './arena.ts';
import type { AugmentOptions, Batch, BatchRequest, Pipeline } from './batch.ts';
import type { Sample, Stored } from './sample.ts';
import { Threads } from './threads.ts';

export interface PipelineOptions {
  /** Undefined: as in evaluation, resized by `resize` and cropped at the centre. */
  readonly augment: AugmentOptions | undefined;
  /** How images are resized without augmentation; by default the shorter side to size · 256/224. */
  readonly resize?: Preprocessing['resize'];
  readonly threads: number;
  /** Batches to prepare ahead, at least 1. */
  readonly prefetch: number;
  /**
   * Memory for decoded images, bytes: images that fit are decoded only once. For augmentation an image
   * is cached at `storedSide` (0.2 to 0.4 MB each), else its crop is cached, once per size.
   */
  readonly cacheBytes: number;
  /**
   * Augmentation starts from images reduced to this shorter side, whether they are cached or not: 320
   * pixels by default, enough for crops of 30 % of the area at 224 px without enlarging. Smaller
   * images are not enlarged.
   */
  readonly storedSide?: number;
}

/** Images per job: small enough that all threads share a batch, large enough to justify a message. */
const JOB_SAMPLES = 8;

/**
 * Starts the threads of a pipeline. The same requests give the same pixels, independent of the number of
 * threads, the cache and `prefetch`. Call `close` when done.
 */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { augment, prefetch, cacheBytes, storedSide = 320 } = options;
  const { resize } = options;
  const settings = { augment, resize, storedSide, arena: createArena(cacheBytes) };
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
    const sets = examples.flatMap(({ labels: set }) => (set ? [set] : []));
    return { pixels: new Uint8Array(pixels), labels, size, ...(sets.length > 0 && { sets }) };
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
          batch.catch(() => {}); // awaited later; until then a failure is not unhandled
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
  /** The caller must put the image into the arena. */
  readonly keep: boolean;
}

/** Index of the images in the arena. */
class ImageCache {
  /** 'pending': a job is decoding it; 'refused': it did not fit. */
  readonly #images = new Map<string, Stored | 'pending' | 'refused'>();

  look(key: string): Lookup {
    const known = this.#images.get(key);
    if (known === undefined) {
      this.#images.set(key, 'pending');
      return { keep: true };
    }
    return typeof known === 'string' ? { keep: false } : { stored: known, keep: false };
  }

  /** Ends a `look` that returned `keep`: the image is stored, or did not fit. */
  settle(key: string, stored: Stored | undefined): void {
    this.#images.set(key, stored ?? 'refused');
  }

  /** Ends a `look` that returned `keep` without an image. */
  forget(key: string): void {
    this.#images.delete(key);
  }
}
