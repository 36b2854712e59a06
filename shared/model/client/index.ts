/**
 * A client of Hebb for browsers, Node and Workers.
 *
 *     import { HebbClient } from 'hebb/client';
 *
 *     const hebb = new HebbClient({ edge: 'https://hebb.example.com', key });
 *     const { predictions } = await hebb.classify(file);
 *     for await (const line of hebb.batch(files)) console.log(line.name, line);
 *
 * Every method throws `HebbError`: what the service answered with, or `edge_unreachable` when it did
 * not. A signal that is aborted ends the work; its reason is thrown then.
 * @module
 */
import type { Classification, Line } from '../api/classification.ts';
import type { ModelList } from '../api/models.ts';
import type { Health, Readiness } from '../api/service.ts';
import { type ErrorBody, HebbError } from '../errors.ts';
import {
  type EncodedImage,
  type ImageUrl,
  manyImages,
  type NamedImage,
  oneImage,
} from './images.ts';
import { JobsClient } from './jobs.ts';
import { readLines } from './ndjson.ts';
import { type Deadline, type Questions, questionQuery } from './query.ts';
import { type RetryOptions, wait } from './retry.ts';
import { brokenOff, isErrorBody } from './service-error.ts';
import { Transport } from './transport.ts';

export type {
  Classification,
  ClassifiedLine,
  FailedLine,
  Line,
  Prediction,
} from '../api/classification.ts';
export type { Model, ModelList } from '../api/models.ts';
export type { Health, Readiness } from '../api/service.ts';
export { type ErrorCode, HebbError } from '../errors.ts';
export {
  hasEnded,
  type JobCounts,
  type JobList,
  type JobState,
  type JobStatus,
} from '../jobs/status.ts';
export type { EncodedImage, ImageUrl, NamedImage } from './images.ts';
export type {
  CreateJobOptions,
  FollowOptions,
  JobResults,
  JobsClient,
  JobUpdate,
} from './jobs.ts';
export { ServiceError } from './service-error.ts';

export interface ClientOptions {
  /** Where the Worker is: https://hebb.example.com */
  readonly edge: string | URL;
  /** An API key, where one is needed. */
  readonly key?: string | undefined;
  /** How long an answer may take to begin, ms; 60,000 without it. */
  readonly timeoutMs?: number;
  /** How often what may be asked twice is asked, in all, and how long a `Retry-After` is waited for. */
  readonly retry?: Partial<RetryOptions>;
  /** Another `fetch`, as of a service binding. */
  readonly fetch?: typeof fetch;
}

export interface ClassifyOptions extends Questions, Deadline {
  readonly signal?: AbortSignal;
  /** `false`: compute it anew, whatever is in the cache. */
  readonly cache?: false;
}

export interface BatchOptions extends ClassifyOptions {
  /** With it a batch that broke off can be sent again, and is answered from what was kept. */
  readonly idempotencyKey?: string;
  /** How long the answer may take to begin, ms: some clients send all images before they read. */
  readonly timeoutMs?: number;
}

const UPLOAD_MS = 600_000;

const RETRY: RetryOptions = { attempts: 3, patienceMs: 10_000, wait, random: Math.random };

export class HebbClient {
  readonly jobs: JobsClient;
  readonly #transport: Transport;

  constructor({ edge, key, timeoutMs = 60_000, retry, fetch: given }: ClientOptions) {
    this.#transport = new Transport({
      edge: String(edge),
      ...{ key, timeoutMs, retry: { ...RETRY, ...retry } },
      fetch: given ?? ((url, init) => fetch(url, init)), // called by itself: browsers mind
    });
    this.jobs = new JobsClient(this.#transport);
  }

  /** What is in an image. */
  async classify(
    image: EncodedImage | ImageUrl,
    options: ClassifyOptions = {},
  ): Promise<Classification> {
    return await this.#transport.json<Classification>(`/v1/classify${questionQuery(options)}`, {
      ...{ method: 'POST', body: oneImage(image), headers: cacheHeader(options) },
      ...{ signal: options.signal, repeatable: true },
    });
  }

  /**
   * A line for each of up to 500 images, in their order, as soon as each is there. What is wrong with
   * one image is its line; what ends the batch is thrown.
   */
  async *batch(images: readonly NamedImage[], options: BatchOptions = {}): AsyncGenerator<Line> {
    const { signal, idempotencyKey, timeoutMs = UPLOAD_MS } = options;
    const response = await this.#transport.ask(`/v1/batch${questionQuery(options)}`, {
      ...{ method: 'POST', body: manyImages(images), signal, timeoutMs, repeatable: true },
      headers: {
        ...cacheHeader(options),
        ...(idempotencyKey !== undefined && { 'Idempotency-Key': idempotencyKey }),
      },
    });
    yield* batchLines(response, { edge: this.#transport.edge, images: images.length, signal });
  }

  /** What is served. */
  async models({ signal }: { signal?: AbortSignal } = {}): Promise<ModelList> {
    return await this.#transport.json<ModelList>('/v1/models', { signal, repeatable: true });
  }

  /** That the Worker answers. */
  async health({ signal }: { signal?: AbortSignal } = {}): Promise<Health> {
    return await this.#transport.json<Health>('/healthz', { signal, repeatable: true });
  }

  /** That a model is loaded and an image went through it; throws `model_unavailable` until then. */
  async ready({ signal }: { signal?: AbortSignal } = {}): Promise<Readiness> {
    return await this.#transport.json<Readiness>('/readyz', { signal, repeatable: true });
  }
}

const cacheHeader = ({ cache }: ClassifyOptions) =>
  cache === false ? { 'Cache-Control': 'no-cache' } : {};

/**
 * A line for each image, in their order. Throws what ended the batch early; `edge_unreachable` when the
 * connection did.
 * @param images how many there are
 */
async function* batchLines(
  response: Response,
  { edge, images, signal }: { edge: string; images: number; signal: AbortSignal | undefined },
): AsyncGenerator<Line> {
  let count = 0;
  try {
    for await (const text of readLines(response.body!)) {
      const line = JSON.parse(text) as Line | ErrorBody;
      if (!('index' in line)) throw ended(line);
      count++;
      yield line;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof HebbError ? error : brokenOff(edge, error);
  }
  if (count < images) throw brokenOff(edge);
}

function ended(line: ErrorBody): HebbError {
  if (!isErrorBody(line)) return new HebbError('internal', 'A line has neither index nor error.');
  const { code, message, hint } = line.error;
  return new HebbError(code, message, { hint });
}
