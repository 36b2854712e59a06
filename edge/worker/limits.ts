/**
 * How an isolate's 128 MB are divided. Budgets are never exceeded: requests wait for memory and fail when
 * the wait is too long.
 *
 *     bodies      24 MB   three encoded photos of a phone (6 to 8 MB each) at a time
 *     decoding    56 MB   the arena in which images are decoded in turn, as large as the largest image so
 *                         far needed (at most 54 MB), and the network's input of each image (150 KB). The
 *                         tfjs engine, if it is used, takes its memory from here too (45 MB for 1000
 *                         classes) and is evicted when an image needs it
 *     int8        14 MB   the engine: weights, activations, tables (1000 classes)
 *     the rest    34 MB   JavaScript's heap, garbage included (10 to 17 MB), and buffers that are free but
 *                         not collected yet (10 MB)
 *
 * @module
 */

import { ENGINE_BUDGET_BYTES } from '@hebb/model/int8/budget';
import { API_LIMITS } from '@hebb/protocol/api/limits';

export const LIMITS = {
  /** Cloudflare's limit for an isolate (128 MB), which the parts above add up to. */
  isolateBytes: 128e6,
  /**
   * Work of one request before it yields to others, about a millisecond: bytes processed; bytes that an
   * entry of an archive counts as; compressed bytes per step, fewer the more they expand: at most a
   * thousandfold (RFC 1951: 258 bytes from 2 bits).
   */
  slice: { bytes: 131_072, entryBytes: 4_096, inflate: { least: 1_024, most: 4_096 } },
  bodies: { capacityBytes: 24e6, maxWaiting: 64, maxWaitMs: 20_000 },
  decoding: { capacityBytes: 56e6, arenaBytes: 54e6, maxWaiting: 64, maxWaitMs: 20_000 },
  /** A model whose int8 engine needs more is not loaded. */
  int8: { capacityBytes: ENGINE_BUDGET_BYTES },
  body: {
    /** Most bytes of one request. */
    bytes: API_LIMITS.imageBytes,
    timeoutMs: 30_000,
    formParts: API_LIMITS.formParts,
    /** JSON besides the image's base64. A URL may have 2048 characters, and JSON may write each as six. */
    jsonBytes: API_LIMITS.jsonBytes,
  },
  /** Limits of draining an unread body. */
  unread: { bytes: 100e6, ms: 30_000, idleMs: 3_000 },
  /** Longest wait of a request for loading that another one started. */
  loadPatienceMs: 20_000,
  /** How long the registry is cached. */
  pointerAgeMs: 15_000,
  /** Wait before a published model that failed to load is tried again. */
  retryAfterMs: 5_000,
  /** Longest such wait; it doubles with each failure. */
  retryAtMostMs: 60_000,
  /** An image from a URL: most bytes, and longest time in all. */
  url: { bytes: API_LIMITS.urlImageBytes, timeoutMs: 15_000 },
  /** `POST /v1/batch`. Two batches fit into `bodies`: each holds `aheadBytes` and one more image. */
  batch: {
    ...API_LIMITS.batch,
    aheadBytes: 4e6,
    /** Longest time without a byte of the body. */
    idleMs: 30_000,
    /** How long the status of the response waits for an early error. */
    statusMs: 2_000,
    /** After this long without a result an empty line is sent. */
    busyMs: 10_000,
    /** How long the answer for an Idempotency-Key is kept, and how long a claim is valid. */
    keepMs: 24 * 3_600_000,
    claimMs: 15 * 60_000,
  },
  /** Distribution of images to the two tiers. */
  dispatch: {
    /** One request to the GPU tier: images, bytes, and how long a chunk waits for its next image. */
    chunk: { images: 32, first: 16, bytes: 2e6, idleMs: 100 },
    /** Images of one request in progress: one chunk is computed while the next is sent. */
    underWay: 64,
    /** Of Cloudflare's 30 s of CPU time per request, the part for images. */
    cpuMs: 20_000,
  },
  /** Requests to the GPU tier, ms. */
  gpu: {
    /** Shortest and longest timeout of an attempt. */
    timeoutMs: [2_000, 30_000],
    /** Shortest delay before the hedged second attempt. */
    hedgeMs: 1_000,
    /** Delay of the hedged attempt, and timeout, in multiples of the expected time. */
    hedgeAt: 3,
    giveUpAt: 10,
    /** Longest `Retry-After` that is waited for. */
    patienceMs: 1_000,
    /** Random delay before a second attempt after a failure. */
    jitterMs: [20, 150],
    breaker: { failures: 3, openMs: 2_000, openAtMostMs: 60_000 },
  },
  jobs: {
    ...API_LIMITS.job,
    uploadMs: 3_600_000,
    workMs: 24 * 3_600_000,
    keepMs: 7 * 24 * 3_600_000,
    quietMs: 15 * 60_000,
    attempts: 5,
    /** 5, 10, 20, 40 s, ± half. */
    backOff: { firstSeconds: 5, atMostSeconds: 300 },
    /** 10 s to 10 min between attempts, some twenty minutes in all. */
    webhook: { timeoutMs: 10_000, attempts: 8, backOff: { firstSeconds: 10, atMostSeconds: 600 } },
  },
  /** How long answers are cached. */
  cacheSeconds: 86_400,
  /** How long API keys are cached: a revoked one may work for that long. */
  keyAgeMs: 15_000,
  /** Period of the rate limit in wrangler.toml: `Retry-After` of `rate_limited`. */
  ratePeriodSeconds: 60,
  /** `Retry-After` of `overloaded` and other errors that may pass. */
  retryAfterSeconds: 2,
} as const;
