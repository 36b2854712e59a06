/**
 * The client of the GPU tier: requests with timeouts, a hedged second attempt, and a circuit breaker.
 * @module
 */
import type { Computed } from './answer.ts';
import { ask, digestOf, type Hop, type Question, type Reply } from './attempt.ts';
import type { Breaker, BreakerState } from './breaker.ts';
import { GpuFailure } from './failure.ts';
import { hedged } from './hedge.ts';
import { Pace } from './pace.ts';

/** Facts for the policy. */
export interface GpuHealth {
  readonly state: BreakerState | 'none';
  /** Time until the breaker is half-open, ms. */
  readonly waitMs: number;
  /** Images in the tier's queue at its last answer, or this isolate's in progress, whichever are more. */
  readonly queueDepth: number;
  /** Ms per image, measured or a first guess. */
  readonly perImageMs: number;
}

export interface GpuTierOptions {
  readonly hop: Hop;
  readonly breaker: Breaker;
  /** A clock, ms. */
  readonly now: () => number;
  /** 0 to 1. */
  readonly random: () => number;
  readonly limits: GpuLimits;
}

export interface GpuLimits {
  /** Shortest and longest timeout of an attempt, ms. */
  readonly timeoutMs: readonly [number, number];
  /** Shortest delay before the hedged second attempt, ms. */
  readonly hedgeMs: number;
  /** Delay before the hedged second attempt, in multiples of the expected time. */
  readonly hedgeAt: number;
  /** Timeout of an attempt, in multiples of the expected time. */
  readonly giveUpAt: number;
  /** Longest `Retry-After` that is waited for, ms; after a longer one the edge takes over. */
  readonly patienceMs: number;
  /** Random delay before a second attempt after a failure, ms. */
  readonly jitterMs: readonly [number, number];
}

export interface AskOptions {
  /** Ms to the caller's deadline. */
  readonly leftMs?: number;
  readonly signal: AbortSignal;
}

export class GpuTier {
  readonly #options: GpuTierOptions;
  readonly #pace = new Pace();
  /** Images in progress. */
  #inProgress = 0;
  /** Expected extra time for decoding the images in progress, ms. */
  #decodingMs = 0;

  constructor(options: GpuTierOptions) {
    this.#options = options;
  }

  get health(): GpuHealth {
    const { breaker } = this.#options;
    // During the trial request the breaker is open for all others.
    const state = breaker.state === 'half-open' && !breaker.ready ? 'open' : breaker.state;
    return {
      state,
      waitMs: breaker.waitMs,
      queueDepth: Math.max(this.#pace.queueDepth, this.#inProgress),
      perImageMs: this.#pace.perImageMs,
    };
  }

  /** Expected time for this many images from now, ms. */
  expectMs(images: number): number {
    return this.#pace.expectMs(images, this.#inProgress);
  }

  /** Throws `GpuFailure`, or the signal's reason. */
  async infer(question: Question, { leftMs, signal }: AskOptions): Promise<Computed> {
    const { breaker, now } = this.#options;
    if (!breaker.admits())
      throw new GpuFailure('unavailable', 'It has just failed and is not tried again yet.');
    const { images } = question;
    const ahead = this.#inProgress;
    this.#inProgress += images;
    this.#decodingMs += question.decodeMs;
    try {
      const began = now();
      const usual = this.#decodingMs === 0;
      const reply = await this.#askHedged(question, ahead, leftMs ?? Infinity, signal);
      this.#pace.waiting(reply.queueDepth);
      // Decoding photos at the tier would distort its pace.
      if (usual && this.#decodingMs === 0) this.#pace.measured(now() - began, images, ahead);
      breaker.succeeded();
      return reply;
    } catch (error) {
      this.#report(error);
      throw error;
    } finally {
      this.#inProgress -= images;
      this.#decodingMs -= question.decodeMs;
    }
  }

  #report(error: unknown): void {
    const { breaker } = this.#options;
    const kind = error instanceof GpuFailure ? error.kind : 'deadline';
    if (kind === 'deadline') breaker.undecided();
    else if (kind === 'image') breaker.succeeded();
    else breaker.failed();
    const wait = error instanceof GpuFailure ? error.retryAfterMs : undefined;
    if (wait !== undefined) breaker.openFor(wait);
  }

  async #askHedged(question: Question, ahead: number, leftMs: number, signal: AbortSignal) {
    const { limits, random, now } = this.#options;
    const [shortest, longest] = limits.timeoutMs;
    const until = now() + leftMs;
    // Large photos may take seconds to decode.
    const expected = this.#pace.expectMs(question.images, ahead) + this.#decodingMs;
    const timeoutMs = Math.min(longest, Math.max(shortest, expected * limits.giveUpAt));
    const hedgeMs = Math.max(limits.hedgeMs, expected * limits.hedgeAt) * (1 + random() / 4);
    const digest = await digestOf(question);
    const attempt = async (ends: AbortSignal): Promise<Reply> => {
      const left = until - now();
      if (left <= 0) throw new GpuFailure('deadline', 'The deadline of the request has passed.');
      try {
        const timing = { digest, timeoutMs: Math.min(timeoutMs, left), signal: ends };
        return await ask(this.#options.hop, question, timing);
      } catch (error) {
        // Ended by the caller's deadline, which is no failure of the tier.
        if (error instanceof GpuFailure && now() >= until) {
          throw new GpuFailure('deadline', error.message, { cause: error });
        }
        throw error;
      }
    };
    return await hedged(attempt, {
      signal,
      secondAfterMs: hedgeMs,
      retryAfterMs: (error) => this.#pauseBefore(error, until - now()),
    });
  }

  /** Delay before a second attempt, ms; undefined for none. */
  #pauseBefore(error: unknown, leftMs: number): number | undefined {
    const { random, limits } = this.#options;
    if (!(error instanceof GpuFailure) || error.kind !== 'unavailable') return undefined;
    const [low, high] = limits.jitterMs;
    const jitter = low + random() * (high - low);
    const pause = (error.retryAfterMs ?? 0) + jitter;
    if ((error.retryAfterMs ?? 0) > limits.patienceMs || pause >= leftMs) return undefined;
    return pause;
  }
}
