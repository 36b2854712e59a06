/**
 * Runs images on the tiers, by the policy, and gives their results in order.
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
  /** Undefined where there is none. */
  readonly gpu: GpuTier | undefined;
  readonly limits: DispatchLimits;
  /** Ms. */
  readonly now: () => number;
}

export interface DispatchLimits {
  /** What goes to the GPU tier in one request. */
  readonly chunk: GroupLimits;
  /** Images of one request that may be under way. */
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
   * A result for each image, in the order of the images; what goes wrong with one is its result.
   * Throws what `items` throws, after the results of what came before, and `model_unavailable`.
   */
  async *classify(
    items: AsyncIterable<BatchItem>,
    options: DispatchOptions,
  ): AsyncGenerator<ItemResult> {
    const { models, limits } = this.#options;
    const model = await models.current(options.keepAlive);
    const run = new Run({ ...this.#options, model, request: options });
    const ordered = new Ordered<ItemResult>(limits.underWay);
    // Whoever went away may have left results unread, which more would wait behind for ever.
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

  /** The results of a group, which is worked on from now on. */
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

  /** Undefined when the result is there already. */
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

  /** Where the answer for these bytes is kept. */
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

/** What an answer depends on: `tier` and `escalate_below` where they are not as usual. */
const cachedOptions = ({ engine, top, tier, escalateBelow }: DispatchOptions): CachedOptions => ({
  engine,
  top,
  tier: tier === 'auto' ? undefined : tier,
  escalate_below: escalateBelow,
});
