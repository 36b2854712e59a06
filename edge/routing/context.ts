/**
 * What the lanes of one request share: its options, its time, what it has spent.
 * @module
 */
import { HebbError } from '../../shared/model/errors.ts';
import type { ResultCache } from '../cache/result-cache.ts';
import type { Classification, Classifier } from '../classification.ts';
import type { GpuTier } from '../gpu/gpu-tier.ts';
import type { LoadedModel } from '../models/loaded-model.ts';
import { INFER_MS } from './cost.ts';
import type { Facts } from './policy.ts';
import type { DispatchOptions } from './result.ts';
import type { Work } from './work.ts';

export interface RunOptions {
  readonly classifier: Classifier;
  readonly cache: ResultCache;
  readonly gpu: GpuTier | undefined;
  readonly limits: { readonly cpuMs: number };
  readonly now: () => number;
  readonly model: LoadedModel;
  readonly request: DispatchOptions;
}

const NO_GPU = { state: 'none', waitMs: 0, queueDepth: 0, expectMs: Infinity } as const;

export class RunContext {
  readonly options: RunOptions;
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
  /** When its time is over, by `now`. */
  readonly until: number;
  /** Images so far. */
  images = 0;
  /** CPU time of the edge, ms. */
  spentMs = 0;

  constructor(options: RunOptions, signal: AbortSignal) {
    this.options = options;
    this.signal = signal;
    this.until = options.now() + (options.request.deadlineMs ?? Infinity);
  }

  /** Ms that are left; undefined where there is no deadline. */
  get leftMs(): number | undefined {
    const left = this.until - this.options.now();
    return left === Infinity ? undefined : left;
  }

  /** What the policy decides by, for these images now. */
  facts(works: readonly Work[]): Facts {
    const { gpu, limits, request } = this.options;
    const inferMs = INFER_MS[request.engine];
    return {
      wish: request.tier,
      images: Math.max(this.images, request.expected ?? 0),
      leftMs: this.leftMs,
      ...(request.patient && { patient: true }),
      edge: {
        obstacle: works.find(({ cost }) => cost.obstacle)?.cost.obstacle,
        costMs: works.reduce((sum, { cost }) => sum + cost.decodeMs + inferMs, 0),
        budgetMs: limits.cpuMs - this.spentMs,
      },
      gpu: gpu ? { ...gpu.health, expectMs: gpu.expectMs(works.length) } : NO_GPU,
    };
  }

  /** The answer is the image's result, and the cache's for whoever asks the same again. */
  answer(work: Work, answer: Classification): void {
    const { cache, request } = this.options;
    cache.keep(work.entry, answer, request.keepAlive);
    work.done(answer);
  }
}

export const late = () =>
  new HebbError('deadline_exceeded', 'The time of the request was over before this image’s turn.');
