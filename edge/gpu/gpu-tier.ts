/**
 * The GPU tier as this isolate knows it: asked with a time limit, once more when it is slow or
 * fails, and left alone when that does not help.
 * @module
 */
import type { Computed } from './answer.ts';
import { ask, digestOf, type Hop, type Question, type Reply } from './attempt.ts';
import type { Breaker, BreakerState } from './breaker.ts';
import { GpuFailure } from './failure.ts';
import { firstGood } from './first-good.ts';
import { Pace } from './pace.ts';

/** What the policy asks of it. */
export interface GpuHealth {
  readonly state: BreakerState | 'none';
  /** How long it is left alone, ms. */
  readonly waitMs: number;
  /** Images that waited there when it last answered, or of ours that are on their way. */
  readonly queueDepth: number;
  /** Measured, or a guess: ms per image. */
  readonly perImageMs: number;
}

export interface GpuTierOptions {
  readonly hop: Hop;
  readonly breaker: Breaker;
  /** Ms. */
  readonly now: () => number;
  /** 0 to 1. */
  readonly random: () => number;
  readonly limits: GpuLimits;
}

export interface GpuLimits {
  /** Shortest and longest time that an attempt is given, ms. */
  readonly timeoutMs: readonly [number, number];
  /** Shortest time before a second request goes out beside the first, ms. */
  readonly hedgeMs: number;
  /** So many times what is expected may pass before a second request goes out beside the first. */
  readonly hedgeAt: number;
  /** And before the first is given up. */
  readonly giveUpAt: number;
  /** A `Retry-After` of at most so much is waited for, ms; after a longer one others do the work. */
  readonly patienceMs: number;
  /** Random wait before a second attempt after a failure, ms. */
  readonly jitterMs: readonly [number, number];
}

export interface AskOptions {
  /** Ms that the caller still has. */
  readonly leftMs?: number;
  readonly signal: AbortSignal;
}

export class GpuTier {
  readonly #options: GpuTierOptions;
  readonly #pace = new Pace();
  #underWay = 0;
  /** What decoding adds to the usual time of the images under way, ms. */
  #decodingMs = 0;

  constructor(options: GpuTierOptions) {
    this.#options = options;
  }

  get health(): GpuHealth {
    const { breaker } = this.#options;
    // Somebody is trying it out: for everyone else it is still away.
    const state = breaker.state === 'trying' && !breaker.ready ? 'open' : breaker.state;
    return {
      state,
      waitMs: breaker.waitMs,
      queueDepth: Math.max(this.#pace.queueDepth, this.#underWay),
      perImageMs: this.#pace.perImageMs,
    };
  }

  /** What so many images would take from now, ms. */
  expectMs(images: number): number {
    return this.#pace.expectMs(images, this.#underWay);
  }

  /** Throws `GpuFailure`, or the signal's reason. */
  async infer(question: Question, { leftMs, signal }: AskOptions): Promise<Computed> {
    const { breaker, now } = this.#options;
    if (!breaker.admits()) throw new GpuFailure('away', 'It has just failed, and is left alone.');
    const { images } = question;
    const ahead = this.#underWay;
    this.#underWay += images;
    this.#decodingMs += question.decodeMs;
    try {
      const began = now();
      const usual = this.#decodingMs === 0;
      const reply = await this.#askTwice(question, ahead, leftMs ?? Infinity, signal);
      this.#pace.waiting(reply.queueDepth);
      // Nor is what photos take the tier's pace with others.
      if (usual && this.#decodingMs === 0) this.#pace.measured(now() - began, images, ahead);
      breaker.succeeded();
      return reply;
    } catch (error) {
      this.#learn(error);
      throw error;
    } finally {
      this.#underWay -= images;
      this.#decodingMs -= question.decodeMs;
    }
  }

  #learn(error: unknown): void {
    const { breaker } = this.#options;
    const kind = error instanceof GpuFailure ? error.kind : 'late';
    if (kind === 'late') breaker.undecided();
    else if (kind === 'image') breaker.succeeded();
    else breaker.failed();
    const wait = error instanceof GpuFailure ? error.retryAfterMs : undefined;
    if (wait !== undefined) breaker.closedFor(wait);
  }

  async #askTwice(question: Question, ahead: number, leftMs: number, signal: AbortSignal) {
    const { limits, random, now } = this.#options;
    const [shortest, longest] = limits.timeoutMs;
    const until = now() + leftMs;
    // A photo that takes seconds to decode is no tier that has failed.
    const expected = this.#pace.expectMs(question.images, ahead) + this.#decodingMs;
    const timeoutMs = Math.min(longest, Math.max(shortest, expected * limits.giveUpAt));
    const hedgeMs = Math.max(limits.hedgeMs, expected * limits.hedgeAt) * (1 + random() / 4);
    const digest = await digestOf(question);
    const attempt = async (ends: AbortSignal): Promise<Reply> => {
      const left = until - now();
      if (left <= 0) throw new GpuFailure('late', 'The time of the request is over.');
      try {
        const timing = { digest, timeoutMs: Math.min(timeoutMs, left), signal: ends };
        return await ask(this.#options.hop, question, timing);
      } catch (error) {
        // Cut short by the caller's own limit, which says nothing of the tier.
        if (error instanceof GpuFailure && now() >= until) {
          throw new GpuFailure('late', error.message, { cause: error });
        }
        throw error;
      }
    };
    return await firstGood(attempt, {
      signal,
      secondAfterMs: hedgeMs,
      retryAfterMs: (error) => this.#pauseBefore(error, until - now()),
    });
  }

  /** How long to wait before a second attempt, ms; undefined when there is to be none. */
  #pauseBefore(error: unknown, leftMs: number): number | undefined {
    const { random, limits } = this.#options;
    if (!(error instanceof GpuFailure) || error.kind !== 'away') return undefined;
    const [low, high] = limits.jitterMs;
    const jitter = low + random() * (high - low);
    const pause = (error.retryAfterMs ?? 0) + jitter;
    if ((error.retryAfterMs ?? 0) > limits.patienceMs || pause >= leftMs) return undefined;
    return pause;
  }
}
