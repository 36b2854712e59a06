/**
 * How long the oldest request waits for others to join its batch, and how large a batch may be.
 * @module
 */
import type { ComputeEstimate } from './estimate.ts';

export interface DelayPolicy {
  /** Longest time that the oldest request may wait while a replica is free, ms. */
  delay(now: number): number;
  /** Largest batch, images. */
  limit(): number;
  /** Images have arrived. */
  arrived(now: number, images: number): void;
  /** A free replica has waited, and `joined` images arrived in that time. */
  waited(joined: number): void;
  /** A batch is done; `latencyMs` is the time since its oldest request arrived. */
  finished(latencyMs: number): void;
}

/** A constant delay: full batches start at once, others after `ms`. */
export function fixedDelay(ms: number, maxBatchSize: number): DelayPolicy {
  return { delay: () => ms, limit: () => maxBatchSize, arrived() {}, waited() {}, finished() {} };
}

export interface AutoDelayOptions {
  /** Target for the time from arrival to answer, ms. */
  readonly targetMs: number;
  readonly maxBatchSize: number;
  /** Allowed batch sizes, ascending; undefined if any size is allowed. */
  readonly batchSizes?: readonly number[] | undefined;
  readonly replicas: number;
  readonly estimate: ComputeEstimate;
}

/** Time constant of the arrival rate, ms. */
const RATE_MEMORY_MS = 1_000;
/** Utilisation below which requests run at once, since a batch of one delays no other request. */
const RELAXED = 0.5;
/** Increase of `trust` after a wait in which images joined, and after any batch within the target. */
const GAIN = 0.25;
const RECOVERY = 0.02;

/**
 * Learns the delay from traffic. While replicas are mostly idle, requests run at once. Under load a free replica waits
 * for more requests, but at most for the fixed cost of a batch, which is all that joining two batches saves; and only
 * while waiting brings more requests (clients that send one request at a time may all be in the batch already). The
 * size of batches is limited so that a request can wait for the running batch, be computed, and meet the target.
 */
export function autoDelay(options: AutoDelayOptions): DelayPolicy {
  const { targetMs, maxBatchSize, batchSizes, replicas, estimate } = options;
  let rate = 0; // images per ms
  let seenAt = Number.NEGATIVE_INFINITY;
  /** Share of the longest useful delay that is used: increased after success, halved after failure. */
  let trust = 1;

  const perImageMs = () => estimate.expect(2) - estimate.expect(1);
  const limit = () => {
    const perImage = perImageMs();
    if (perImage <= 0) return maxBatchSize;
    const fitting = Math.floor((targetMs / 2 - estimate.expect(1)) / perImage) + 1;
    const most = Math.min(maxBatchSize, Math.max(1, fitting));
    // Rounded down to an allowed size: otherwise the batch would be padded with blank images.
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
