/**
 * How long the oldest request waits for company, and how much company it may have.
 * @module
 */
import type { ComputeEstimate } from './estimate.ts';

export interface DelayPolicy {
  /** Milliseconds that the oldest request may wait while a replica is free. */
  delay(now: number): number;
  /** Most images to put into one batch. */
  limit(): number;
  /** Images came in. */
  arrived(now: number, images: number): void;
  /** A replica was kept waiting, and so many images joined meanwhile. */
  waited(joined: number): void;
  /** A batch is done; `latencyMs` is how long its oldest request has been here. */
  finished(latencyMs: number): void;
}

/** Always the same delay: full batches at once, others after `ms`. */
export function fixedDelay(ms: number, maxBatchSize: number): DelayPolicy {
  return { delay: () => ms, limit: () => maxBatchSize, arrived() {}, waited() {}, finished() {} };
}

export interface AutoDelayOptions {
  /** What a request should take at most, from its arrival to its answer: ms. */
  readonly targetMs: number;
  readonly maxBatchSize: number;
  /** Allowed batch sizes, ascending; undefined when any will do. */
  readonly batchSizes?: readonly number[] | undefined;
  readonly replicas: number;
  readonly estimate: ComputeEstimate;
}

/** Time constant of the arrival rate, ms. */
const RATE_MEMORY_MS = 1_000;
/** Below this share of busy time a batch of one costs nobody anything: run at once. */
const RELAXED = 0.5;
/** What a wait that brought company adds to the trust in waiting, and what any batch does. */
const GAIN = 0.25;
const RECOVERY = 0.02;

/**
 * Learns from traffic. While replicas are idle more often than not, requests run at once. Under load
 * a free replica waits for company, but never longer than the fixed cost of a batch, which is all
 * that joining two batches saves; and only as long as waiting keeps bringing company (clients that
 * wait for their answers before they ask again may all be in the batch already). Batches are kept so
 * small that a request can wait for the one that is running, be computed itself, and meet the target.
 */
export function autoDelay(options: AutoDelayOptions): DelayPolicy {
  const { targetMs, maxBatchSize, batchSizes, replicas, estimate } = options;
  let rate = 0; // images per ms
  let seenAt = Number.NEGATIVE_INFINITY;
  /** Share of the longest sensible delay that is used: up with success, halved without. */
  let trust = 1;

  const perImageMs = () => estimate.expect(2) - estimate.expect(1);
  const limit = () => {
    const perImage = perImageMs();
    if (perImage <= 0) return maxBatchSize;
    const fitting = Math.floor((targetMs / 2 - estimate.expect(1)) / perImage) + 1;
    const most = Math.min(maxBatchSize, Math.max(1, fitting));
    // Between two sizes, the rest would be computed as blank images.
    return batchSizes?.findLast((size) => size <= most) ?? most;
  };
  const rateAt = (now: number) => rate * Math.exp(-(now - seenAt) / RATE_MEMORY_MS);
  return {
    limit,
    delay(now) {
      if (rateAt(now) * estimate.expect(1) < RELAXED * replicas) return 0;
      const fixedMs = Math.max(0, estimate.expect(1) - perImageMs());
      const slackMs = Math.max(0, targetMs - estimate.expect(limit()));
      return trust * Math.min(fixedMs, slackMs);
    },
    arrived(now, images) {
      rate = (seenAt === Number.NEGATIVE_INFINITY ? 0 : rateAt(now)) + images / RATE_MEMORY_MS;
      seenAt = now;
    },
    waited(joined) {
      trust = joined > 0 ? Math.min(1, trust + GAIN) : trust / 2;
    },
    finished(latencyMs) {
      trust = latencyMs > targetMs ? trust / 2 : Math.min(1, trust + RECOVERY);
    },
  };
}
