/**
 * How an isolate's 128 MB are shared out. What is reserved here is never exceeded: requests wait
 * for it, and are sent away when the wait is too long.
 *
 *     bodies      24 MB   three photos of a phone (6 to 8 MB each), still encoded, at a time
 *     decoding    56 MB   one arena in which images are decoded in turn, as large as the largest image
 *                         made it (54 MB at most), and the network's input of each image (150 KB).
 *                         The tfjs engine, where it is used, lives in here as well (45 MB, for 1000
 *                         classes), and leaves when an image needs the room
 *     int8        14 MB   the engine: weights, activations, tables (1000 classes)
 *     the rest    34 MB   JavaScript's own heap, garbage included (10 to 17 MB), and buffers that are
 *                         free but not collected yet (10 MB)
 *
 * @module
 */
import { API_LIMITS } from '../shared/model/api/limits.ts';
import { ENGINE_BUDGET_BYTES } from '../shared/model/int8/budget.ts';

export const LIMITS = {
  /** Cloudflare's limit for an isolate (128 MB), which the parts above add up to. */
  isolateBytes: 128e6,
  /**
   * What one request computes before the others get their turns: a millisecond or less. An entry of
   * an archive costs what so many bytes do. Packed bytes are unpacked so many at a time, by what
   * became of those before: a thousand times as much at most (RFC 1951: 258 bytes of 2 bits).
   */
  slice: { bytes: 131_072, entryBytes: 4_096, inflate: { least: 1_024, most: 4_096 } },
  bodies: { capacityBytes: 24e6, maxWaiting: 64, maxWaitMs: 20_000 },
  decoding: { capacityBytes: 56e6, arenaBytes: 54e6, maxWaiting: 64, maxWaitMs: 20_000 },
  /** The int8 engine: a model whose engine takes more is not loaded. */
  int8: { capacityBytes: ENGINE_BUDGET_BYTES },
  body: {
    /** Most bytes of one request. */
    bytes: API_LIMITS.imageBytes,
    timeoutMs: 30_000,
    formParts: API_LIMITS.formParts,
    /** Beside the base64 of the image. A URL has 2048 characters, and JSON may write each as six. */
    jsonBytes: API_LIMITS.jsonBytes,
  },
  /** What is read on of a body that is not wanted any more, so that its sender reads the answer. */
  unread: { bytes: 100e6, ms: 30_000, idleMs: 3_000 },
  /** How long a request waits for another one's loading of the model. */
  loadPatienceMs: 20_000,
  /** How long a model pointer of the registry is taken as current. */
  pointerAgeMs: 15_000,
  /** After a published model failed to load, how long the one before is served unasked. */
  retryAfterMs: 5_000,
  /** The same after many failures; the wait doubles with each. */
  retryAtMostMs: 60_000,
  /** An image from a URL: most bytes, and how long it may take in all. */
  url: { bytes: API_LIMITS.urlImageBytes, timeoutMs: 15_000 },
  /** `POST /v1/batch`. Two batches share `bodies`: each holds `aheadBytes` and one image more. */
  batch: {
    ...API_LIMITS.batch,
    aheadBytes: 4e6,
    /** How long nothing of the body may come. */
    idleMs: 30_000,
    /** How long an error that comes before any result can still be the answer's status. */
    statusMs: 2_000,
    /** After so long without a result an empty line is sent. */
    busyMs: 10_000,
    /** How long an answer is kept for its Idempotency-Key, and a claim to give one. */
    keepMs: 24 * 3_600_000,
    claimMs: 15 * 60_000,
  },
  /** How images are given out to the two tiers. */
  dispatch: {
    /** One request to the GPU tier: images, bytes; and how long a chunk waits for the next image. */
    chunk: { images: 32, first: 16, bytes: 2e6, idleMs: 100 },
    /** Images of one request under way: one chunk is computed while the next is on its way. */
    underWay: 64,
    /** Of the 30 s that Cloudflare gives a request, what images may take. */
    cpuMs: 20_000,
  },
  /** The hop to the GPU tier, ms; what is random is so that clients do not come in step. */
  gpu: {
    /** Shortest and longest time for an attempt. */
    timeoutMs: [2_000, 30_000],
    /** Shortest time before a second request goes out beside the first. */
    hedgeMs: 1_000,
    /** In multiples of what is expected: when a second request goes out, when the first is given up. */
    hedgeAt: 3,
    giveUpAt: 10,
    /** Longest `Retry-After` that is waited for. */
    patienceMs: 1_000,
    /** Before a second attempt. */
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
    /** 5, 10, 20, 40 s, and half more or less. */
    backOff: { firstSeconds: 5, atMostSeconds: 300 },
    /** 10 s to 10 min between attempts, some twenty minutes in all. */
    webhook: { timeoutMs: 10_000, attempts: 8, backOff: { firstSeconds: 10, atMostSeconds: 600 } },
  },
  /** How long an answer may be given again from the cache. */
  cacheSeconds: 86_400,
  /** How long a key of KV is taken as current: so long a revoked one may go on. */
  keyAgeMs: 15_000,
  /** Period of the rate limit in wrangler.toml, which `Retry-After` says of `rate_limited`. */
  ratePeriodSeconds: 60,
  /** What `Retry-After` says of `overloaded`. */
  retryAfterSeconds: 2,
} as const;
