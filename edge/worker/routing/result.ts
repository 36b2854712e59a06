import type { Classification, Line } from '@hebb/protocol/api/classification';
import type { EngineName, TierWish } from '@hebb/protocol/api/options';
import type { CacheUse } from '../cache/result-cache.ts';
import type { KeepAlive } from '../concurrency/single-flight.ts';

/** `edge`: this isolate, in int8. `gpu`: the GPU tier, in full precision. */
export type Tier = Classification['tier'];

export type { TierWish };

export interface DispatchOptions {
  /** Number of predictions. */
  readonly top: number;
  /** The engine at the edge. */
  readonly engine: EngineName;
  readonly tier: TierWish;
  /** Number of images, if it is known before they arrive. */
  readonly expected?: number;
  /** Time for all images together, ms from now. */
  readonly deadlineMs?: number;
  /** Whether failed images are retried later; then they fail with errors that may pass. */
  readonly patient?: boolean;
  /** int8 answers with a best score below this are repeated in full precision. */
  readonly escalateBelow?: number;
  /** Whether the cache is read and written; both by default. */
  readonly cacheUse?: CacheUse;
  /** Ends the work. */
  readonly signal?: AbortSignal;
  readonly keepAlive: KeepAlive;
  /** Logged by both tiers. */
  readonly requestId: string;
}

/** The result of one image: a line of the NDJSON. */
export type ItemResult = Line;
