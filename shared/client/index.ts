/**
 * A client of Hebb for browsers, Node and Workers.
 *
 *     import { HebbClient } from '@hebb/client';
 *
 *     const hebb = new HebbClient({ edge: 'https://hebb.example.com', key });
 *     const { predictions } = await hebb.classify(file);
 *     for await (const line of hebb.batch(files)) console.log(line.name, line);
 *
 * Every method throws `HebbError`: the service's error, or `edge_unreachable` if there was no
 * answer. Aborting a signal cancels the work and throws the signal's reason.
 * @module
 */

import { type ErrorBody, HebbError } from '@hebb/model/errors';
import type { Classification, Line } from '@hebb/protocol/api/classification';
import type { ModelList } from '@hebb/protocol/api/models';
import type { Health, Readiness } from '@hebb/protocol/api/service';
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

export { type ErrorCode, HebbError } from '@hebb/model/errors';
export type {
  Classification,
  ClassifiedLine,
  FailedLine,
  Line,
  Prediction,
} from '@hebb/protocol/api/classification';
export type { Model, ModelList } from '@hebb/protocol/api/models';
export type { Health, Readiness } from '@hebb/protocol/api/service';
export {
  hasEnded,
  type JobCounts,
  type JobList,
  type JobState,
  type JobStatus,
} from '@hebb/protocol/jobs/status';
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
  /** An API key, if the service needs one. */
  readonly key?: string | undefined;
  /** Timeout for the start of an answer, ms; by default 60,000. */
  readonly timeoutMs?: number;
  /** Attempts of idempotent requests in all, and the longest `Retry-After` to wait for. */
  readonly retry?: Partial<RetryOptions>;
  /** Another `fetch`, for example of a service binding. */
  readonly fetch?: typeof fetch;
}

export interface ClassifyOptions extends Questions, Deadline {
  readonly signal?: AbortSignal;
  /** `false`: ask for a new answer instead of a cached one. */
  readonly cache?: false;
}

export interface BatchOptions extends ClassifyOptions {
  /** With it a batch that broke off can be sent again; finished results are not computed again. */
  readonly idempotencyKey?: string;
  /** Timeout for the start of the answer, ms: some clients send all images before they read. */
  readonly timeoutMs?: number;
}

const UPLOAD_MS = 600_000;

const RETRY: RetryOptions = { attempts: 3, patienceMs: 10_000, wait, random: Math.random };

/**
 * A client of one Worker.
 * @example
 * const hebb = new HebbClient({ edge: 'https://hebb.example.com', key });
 */
export class HebbClient {
  readonly jobs: JobsClient;
  readonly #transport: Transport;

  constructor({ edge, key, timeoutMs = 60_000, retry, fetch: given }: ClientOptions) {
    this.#transport = new Transport({
      edge: String(edge),
      key,
      timeoutMs,
      retry: { ...RETRY, ...retry },
      fetch: given ?? ((url, init) => fetch(url, init)), // not as a method: browsers forbid that
    });
    this.jobs = new JobsClient(this.#transport);
  }

  /**
   * Classifies an image.
   * @example
   * const { predictions } = await hebb.classify(file, { top: 3 });
   * console.log(predictions[0].label, predictions[0].score);
   */
  async classify(
    image: EncodedImage | ImageUrl,
    options: ClassifyOptions = {},
  ): Promise<Classification> {
    return await this.#transport.json<Classification>(`/v1/classify${questionQuery(options)}`, {
      method: 'POST',
      body: oneImage(image),
      headers: cacheHeader(options),
      signal: options.signal,
      repeatable: true,
    });
  }

  /**
   * Classifies up to 500 images: a line for each, in their order, as soon as it is ready. An error of one
   * image is its line; an error that ends the batch is thrown.
   * @example
   * for await (const line of hebb.batch([{ name: 'a.jpg', image: bytes }])) {
   *   console.log(line.name, 'error' in line ? line.error.code : line.predictions[0].label);
   * }
   */
  async *batch(images: readonly NamedImage[], options: BatchOptions = {}): AsyncGenerator<Line> {
    const { signal, idempotencyKey, timeoutMs = UPLOAD_MS } = options;
    const response = await this.#transport.ask(`/v1/batch${questionQuery(options)}`, {
      method: 'POST',
      body: manyImages(images),
      signal,
      timeoutMs,
      repeatable: true,
      headers: {
        ...cacheHeader(options),
        ...(idempotencyKey !== undefined && { 'Idempotency-Key': idempotencyKey }),
      },
    });
    yield* batchLines(response, { edge: this.#transport.edge, images: images.length, signal });
  }

  /**
   * The models of the service.
   * @example
   * const { models } = await hebb.models();
   * console.log(models.map(({ name, version }) => `${name} ${version}`));
   */
  async models({ signal }: { signal?: AbortSignal } = {}): Promise<ModelList> {
    return await this.#transport.json<ModelList>('/v1/models', { signal, repeatable: true });
  }

  /**
   * Resolves if the Worker answers.
   * @example
   * await hebb.health(); // throws edge_unreachable if there is no Worker
   */
  async health({ signal }: { signal?: AbortSignal } = {}): Promise<Health> {
    return await this.#transport.json<Health>('/healthz', { signal, repeatable: true });
  }

  /**
   * Resolves once the service can classify; throws `model_unavailable` before.
   * @example
   * const { model } = await hebb.ready();
   * console.log(model.name, model.version);
   */
  async ready({ signal }: { signal?: AbortSignal } = {}): Promise<Readiness> {
    return await this.#transport.json<Readiness>('/readyz', { signal, repeatable: true });
  }
}

const cacheHeader = ({ cache }: ClassifyOptions) =>
  cache === false ? { 'Cache-Control': 'no-cache' } : {};

/**
 * A line for each image, in their order. Throws the error that ended the batch early, or `edge_unreachable` if
 * the connection broke.
 * @param images number of images
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
