/**
 * Runs images on the two tiers according to the policy, and yields their results in order.
 * @module
 */
import type { BatchItem } from '../batch/item.ts';
import type { CachedOptions, CacheEntry, ResultCache } from '../cache/result-cache.ts';
import { type Classification, type Classifier, fromCache } from '../classification.ts';
import type { KeepAlive } from '../concurrency/single-flight.ts';
import type { GpuTier } from '../gpu/gpu-tier.ts';
import type { LoadedModel } from '../models/loaded-model.ts';
import { imageCost } from './cost.ts';
import { type GroupLimits, groups, type Held } from './groups.ts';
import { Ordered } from './ordered.ts';
import type { DispatchOptions, ItemResult } from './result.ts';
import { Run } from './run.ts';
import { errorOf, headOf, Work } from './work.ts';

export type { DispatchOptions, ItemResult, TierWish } from './result.ts';

export interface DispatcherOptions {
  readonly models: { current(keepAlive: KeepAlive): Promise<LoadedModel> };
  readonly classifier: Classifier;
  readonly cache: ResultCache;
  /** Undefined if none is configured. */
  readonly gpu: GpuTier | undefined;
  readonly limits: DispatchLimits;
  /** A clock, ms. */
  readonly now: () => number;
}

export interface DispatchLimits {
  /** One request to the GPU tier. */
  readonly chunk: GroupLimits;
  /** Most images of one request in progress at a time. */
  readonly underWay: number;
  /** CPU time of the edge for one request, ms. */
  readonly cpuMs: number;
  /** Most bytes that decoding one image may take. */
  readonly decodingBytes: number;
}

const USE_ALL = { read: true, write: true };

export class Dispatcher {
  readonly #options: DispatcherOptions;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /**
   * A result for each image, in their order; an image that fails has its error as the result.
   * Throws what `items` throws, after the results of the images before it, and `model_unavailable`.
   */
  async *classify(
    items: AsyncIterable<BatchItem>,
    options: DispatchOptions,
  ): AsyncGenerator<ItemResult> {
    const { models, limits } = this.#options;
    const model = await models.current(options.keepAlive);
    const run = new Run({ ...this.#options, model, request: options });
    const ordered = new Ordered<ItemResult>(limits.underWay);
    // Results that a disconnected client left unread would make `room` wait forever.
    run.signal.addEventListener('abort', () => ordered.end());
    const produce = async () => {
      for await (const group of groups(items, limits.chunk)) {
        if (run.signal.aborted) return;
        ordered.add(this.#begin(group, model, run, options));
        await ordered.room();
      }
    };
    const produced = produce().then(
      () => ordered.end(),
      (error: unknown) => ordered.fail(error),
    );
    options.keepAlive(produced);
    try {
      yield* ordered.results();
    } finally {
      run.end();
      ordered.end();
    }
  }

  /** Starts the work on a group. Returns a result for each image. */
  #begin(group: readonly Held[], model: LoadedModel, run: Run, options: DispatchOptions) {
    const slots = group.map((held) => ({ held, ...Promise.withResolvers<ItemResult>() }));
    const begin = async () => {
      const works = await Promise.all(
        slots.map(({ held, resolve }) => this.#prepare(held, model, options, resolve)),
      );
      await run.take(works.filter((work) => work !== undefined));
    };
    begin().catch((error: unknown) => {
      for (const { held, resolve } of slots) resolve({ ...headOf(held), error: errorOf(error) });
    });
    return slots.map(({ promise }) => promise);
  }

  /** Undefined if the result has been settled: from the cache, or as an error. */
  async #prepare(
    held: Held,
    model: LoadedModel,
    options: DispatchOptions,
    settle: (result: ItemResult) => void,
  ): Promise<Work | undefined> {
    const { image, error } = held.item;
    try {
      if (!image) throw error;
      const { manifest } = model;
      const cost = imageCost(image, manifest.preprocessing, this.#options.limits.decodingBytes);
      const entry = await this.entry(image, model, options);
      const known = await this.#options.cache.find<Classification>(entry);
      const work = new Work(held, { cost, entry }, settle);
      if (!known) return work;
      work.done(fromCache(known));
    } catch (failure) {
      held.release();
      settle({ ...headOf(held), error: errorOf(failure) });
    }
    return undefined;
  }

  /** The cache entry of these bytes. */
  async entry(
    image: Uint8Array<ArrayBuffer>,
    model: LoadedModel,
    options: DispatchOptions,
  ): Promise<CacheEntry | undefined> {
    const { cacheUse = USE_ALL } = options;
    const { version } = model.manifest;
    return await this.#options.cache.entry(image, version, cachedOptions(options), cacheUse);
  }
}

/** The options that an answer depends on; defaults are left out. */
const cachedOptions = ({ engine, top, tier, escalateBelow }: DispatchOptions): CachedOptions => ({
  engine,
  top,
  tier: tier === 'auto' ? undefined : tier,
  escalate_below: escalateBelow,
});
