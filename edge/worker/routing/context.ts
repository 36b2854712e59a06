/**
 * State that the lanes of one request share: its options, its deadline, the CPU time it has spent.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
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
  /** Aborted when the client has disconnected. */
  readonly signal: AbortSignal;
  /** The deadline, by the clock `now`; Infinity without one. */
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

  /** Ms to the deadline; undefined without one. */
  get leftMs(): number | undefined {
    const left = this.until - this.options.now();
    return left === Infinity ? undefined : left;
  }

  /** The facts that the policy decides by, for these images at this moment. */
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

  /** Makes the answer the image's result, and caches it. */
  answer(work: Work, answer: Classification): void {
    const { cache, request } = this.options;
    cache.keep(work.entry, answer, request.keepAlive);
    work.done(answer);
  }
}

export const deadlineExceeded = () =>
  new HebbError(
    'deadline_exceeded',
    'The deadline of the request passed before this image was classified.',
  );
