import type { Classification, Line } from '../../shared/model/api/classification.ts';
import type { EngineName, TierWish } from '../../shared/model/api/options.ts';
import type { CacheUse } from '../cache/result-cache.ts';
import type { KeepAlive } from '../concurrency/single-flight.ts';

/** `edge`: in this isolate, in int8. `gpu`: in full precision, by the GPU tier. */
export type Tier = Classification['tier'];

export type { TierWish };

export interface DispatchOptions {
  /** How many predictions. */
  readonly top: number;
  /** What the edge computes with. */
  readonly engine: EngineName;
  readonly tier: TierWish;
  /** How many images there will be, where that is known before they come. */
  readonly expected?: number;
  /** From now, ms, for all images together. */
  readonly deadlineMs?: number;
  /** That images which find no tier are tried again later; then errors that pass say so. */
  readonly patient?: boolean;
  /** The edge's int8 answers whose best score is below this are asked again in full precision. */
  readonly escalateBelow?: number;
  /** What may be answered from the cache, and go into it; all by default. */
  readonly cacheUse?: CacheUse;
  /** Ends the work. */
  readonly signal?: AbortSignal;
  readonly keepAlive: KeepAlive;
  /** For the logs of both tiers. */
  readonly requestId: string;
}

/** What became of one image: a line of the NDJSON. */
export type ItemResult = Line;
