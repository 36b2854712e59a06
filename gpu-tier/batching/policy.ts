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
  /** A batch is done; `latencyMs` is how long its oldest request has been here. */
  finished(latencyMs: number): void;
}

/** Always the same delay: full batches at once, others after `ms`. */
export function fixedDelay(ms: number, maxBatchSize: number): DelayPolicy {
  return { delay: () => ms, limit: () => maxBatchSize, arrived() {}, finished() {} };
}

export interface AutoDelayOptions {
  /** What a request should take at most, from its arrival to its answer: ms. */
  readonly targetMs: number;
  readonly maxBatchSize: number;
  readonly replicas: number;
  readonly estimate: ComputeEstimate;
}

/** Time constant of the arrival rate, ms. */
const RATE_MEMORY_MS = 1_000;
/** Below this share of busy time a batch of one costs nobody anything: run at once. */
const RELAXED = 0.5;

/**
 * Learns from traffic. While replicas are idle more often than not, requests run at once. Under
 * load the delay is what it takes to fill a batch, but never more than the target leaves after
 * computing; latencies above the target halve it and others let it recover (additive increase,
 * multiplicative decrease, as Clipper, NSDI 2017, does with batch sizes). Batches are kept so small
 * that a request can wait for the one that is running, be computed itself, and meet the target.
 */
export function autoDelay(options: AutoDelayOptions): DelayPolicy {
  const { targetMs, maxBatchSize, replicas, estimate } = options;
  let rate = 0; // images per ms
  let seenAt = Number.NEGATIVE_INFINITY;
  let trust = 1; // share of the allowed delay that is used

  const limit = () => {
    const [one, two] = [estimate.expect(1), estimate.expect(2)];
    const perImage = two - one;
    if (perImage <= 0) return maxBatchSize;
    const fitting = Math.floor((targetMs / 2 - one) / perImage) + 1;
    return Math.min(maxBatchSize, Math.max(1, fitting));
  };
  const rateAt = (now: number) => rate * Math.exp(-(now - seenAt) / RATE_MEMORY_MS);
  return {
    limit,
    delay(now) {
      const current = rateAt(now);
      if (current * estimate.expect(1) < RELAXED * replicas) return 0;
      const full = limit();
      const fillMs = (full - 1) / current;
      const slackMs = targetMs - estimate.expect(full);
      return trust * Math.max(0, Math.min(fillMs, slackMs));
    },
    arrived(now, images) {
      rate = (seenAt === Number.NEGATIVE_INFINITY ? 0 : rateAt(now)) + images / RATE_MEMORY_MS;
      seenAt = now;
    },
    finished(latencyMs) {
      trust = latencyMs > targetMs ? trust / 2 : Math.min(1, trust + 0.05);
    },
  };
}
