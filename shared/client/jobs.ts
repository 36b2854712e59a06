/**
 * Jobs: many images now, their results later.
 * @module
 */

import { HebbError } from '@hebb/model/errors';
import type { Line } from '@hebb/protocol/api/classification';
import { hasEnded, type JobList, type JobState, type JobStatus } from '@hebb/protocol/jobs/status';
import { manyImages, type NamedImage } from './images.ts';
import { readLines } from './ndjson.ts';
import { type Questions, queryOf, questionQuery, type Webhook } from './query.ts';
import { brokenOff } from './service-error.ts';
import type { Transport } from './transport.ts';

interface Abort {
  readonly signal?: AbortSignal;
}

export interface CreateJobOptions extends Questions, Webhook, Abort {
  /** The same key gives the same job; by default a random one. 1 to 255 characters. */
  readonly idempotencyKey?: string;
  /** Timeout for sending the images, ms; by default an hour, the service's limit. */
  readonly timeoutMs?: number;
}

/** Finished results. */
export interface JobResults {
  /** Lines from the offset on; line n is image n. */
  readonly lines: readonly Line[];
  /** Offset of the next lines. */
  readonly next: number;
  readonly state: JobState;
}

export interface FollowOptions extends Abort {
  /** Also yields results from this line on; without it no results. */
  readonly offset?: number;
  /** Polling interval, ms; by default 1000. */
  readonly intervalMs?: number;
}

/** A job's status and its new results. */
export interface JobUpdate {
  readonly status: JobStatus;
  /** Lines since the last update, each once, in order. */
  readonly lines: readonly Line[];
  /** The offset after the last of `lines`, to resume there. */
  readonly next: number;
}

const UPLOAD_MS = 3_600_000;
/** Failed polls in a row that `follow` tolerates, for example while the service restarts. */
const PATIENCE = 30;

/**
 * The jobs of one Worker: `jobs` of a `HebbClient`.
 * @example
 * const { id } = await hebb.jobs.create(files);
 * for await (const { status } of hebb.jobs.follow(id)) console.log(status.state);
 */
export class JobsClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Stores up to 2000 images; resolves when all are stored.
   * @example
   * const { id } = await hebb.jobs.create(files, { webhook: 'https://example.com/done' });
   */
  async create(images: readonly NamedImage[], options: CreateJobOptions = {}): Promise<JobStatus> {
    const { idempotencyKey = crypto.randomUUID(), timeoutMs = UPLOAD_MS, signal } = options;
    return await this.#transport.json<JobStatus>(`/v1/jobs${questionQuery(options)}`, {
      method: 'POST',
      body: manyImages(images),
      signal,
      timeoutMs,
      repeatable: true,
      headers: { 'Idempotency-Key': idempotencyKey },
    });
  }

  /**
   * The caller's jobs, newest first; all jobs with the scope `admin`. `next` of a page is `after` of the next one.
   * @example
   * const { jobs, next } = await hebb.jobs.list({ limit: 20 });
   */
  async list(options: { limit?: number; after?: string } & Abort = {}): Promise<JobList> {
    const { limit, after, signal } = options;
    return await this.#get(queryOf({ limit, after }), signal);
  }

  /**
   * A job's status: counts, state, dead letters. Throws `job_not_found`.
   * @example
   * const { state, images } = await hebb.jobs.show(id);
   * console.log(state, `${images.done} of ${images.total}`);
   */
  async show(id: string, { signal }: Abort = {}): Promise<JobStatus> {
    return await this.#get(path(id), signal);
  }

  /**
   * The finished results from line `offset` on.
   * @example
   * const { lines, next } = await hebb.jobs.results(id, { offset: 0 });
   * const more = await hebb.jobs.results(id, { offset: next });
   */
  async results(id: string, options: { offset?: number } & Abort = {}): Promise<JobResults> {
    const { offset, signal } = options;
    const url = `/v1/jobs${path(id)}/results${queryOf({ offset })}`;
    const response = await this.#transport.ask(url, { signal, repeatable: true });
    const lines: Line[] = [];
    try {
      for await (const line of readLines(response.body!)) lines.push(JSON.parse(line) as Line);
    } catch (error) {
      signal?.throwIfAborted();
      throw brokenOff(this.#transport.edge, error);
    }
    const next = Number(response.headers.get('x-hebb-next-offset'));
    if ((offset ?? 0) + lines.length !== next) throw brokenOff(this.#transport.edge);
    return { lines, next, state: response.headers.get('x-hebb-job-state') as JobState };
  }

  /**
   * Polls the job until it has ended, and yields what is new. Tolerates a restart of the service.
   * @example
   * for await (const { status, lines } of hebb.jobs.follow(id, { offset: 0 })) {
   *   console.log(`${status.images.done} of ${status.images.total}`);
   *   for (const line of lines) console.log(JSON.stringify(line));
   * }
   */
  async *follow(id: string, options: FollowOptions = {}): AsyncGenerator<JobUpdate> {
    const { signal, intervalMs = 1000 } = options;
    let { offset: next } = options;
    let missed = 0;
    for (;;) {
      try {
        const status = await this.show(id, options);
        const results =
          next === undefined ? undefined : await this.results(id, { ...options, offset: next });
        next = results?.next;
        missed = 0;
        yield { status, lines: results?.lines ?? [], next: next ?? 0 };
        if (hasEnded(status.state)) return;
      } catch (error) {
        const away = error instanceof HebbError && error.code === 'edge_unreachable';
        if (!away || ++missed > PATIENCE) throw error;
      }
      await this.#transport.wait(intervalMs, signal);
    }
  }

  /**
   * Tries images again that failed every attempt.
   * @example
   * if ((await hebb.jobs.show(id)).images.dead > 0) await hebb.jobs.replay(id);
   */
  async replay(id: string, { signal }: Abort = {}): Promise<JobStatus> {
    const ask = { method: 'POST', signal, repeatable: false } as const;
    return await this.#transport.json<JobStatus>(`/v1/jobs${path(id)}/replay`, ask);
  }

  /**
   * Ends the work and deletes images and results.
   * @example
   * await hebb.jobs.cancel(id);
   */
  async cancel(id: string, { signal }: Abort = {}): Promise<void> {
    const ask = { method: 'DELETE', signal, repeatable: false } as const;
    await this.#transport.ask(`/v1/jobs${path(id)}`, ask);
  }

  async #get<T>(path: string, signal: AbortSignal | undefined): Promise<T> {
    return await this.#transport.json<T>(`/v1/jobs${path}`, { signal, repeatable: true });
  }
}

const path = (id: string): string => `/${encodeURIComponent(id)}`;
