/**
 * Jobs: many images now, their results later.
 * @module
 */
import type { Line } from '../api/classification.ts';
import { HebbError } from '../errors.ts';
import { hasEnded, type JobList, type JobState, type JobStatus } from '../jobs/status.ts';
import { manyImages, type NamedImage } from './images.ts';
import { readLines } from './ndjson.ts';
import { type Questions, queryOf, questionQuery, type Webhook } from './query.ts';
import { brokenOff } from './service-error.ts';
import type { Transport } from './transport.ts';

interface Abort {
  readonly signal?: AbortSignal;
}

export interface CreateJobOptions extends Questions, Webhook, Abort {
  /** The same key gives the same job; a new one is made without it. 1 to 255 characters. */
  readonly idempotencyKey?: string;
  /** How long the images may take to arrive, ms; an hour, as the service allows, without it. */
  readonly timeoutMs?: number;
}

/** Results that are there. */
export interface JobResults {
  /** Line n of the job is image n; these are those from the offset on. */
  readonly lines: readonly Line[];
  /** The offset of the next ones. */
  readonly next: number;
  readonly state: JobState;
}

export interface FollowOptions extends Abort {
  /** Results from this line on come along; none without it. */
  readonly offset?: number;
  /** Between two questions; 1000 ms without it. */
  readonly intervalMs?: number;
}

/** What is new of a job. */
export interface JobUpdate {
  readonly status: JobStatus;
  /** Those that have come since, each once, in order. */
  readonly lines: readonly Line[];
  /** Where another reader would go on: the offset after the last of `lines`. */
  readonly next: number;
}

const UPLOAD_MS = 3_600_000;
/** How often in a row the service may give no answer while it is followed: it restarts, say. */
const PATIENCE = 30;

export class JobsClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Stores up to 2000 images; resolves when all are stored. */
  async create(images: readonly NamedImage[], options: CreateJobOptions = {}): Promise<JobStatus> {
    const { idempotencyKey = crypto.randomUUID(), timeoutMs = UPLOAD_MS, signal } = options;
    return await this.#transport.json<JobStatus>(`/v1/jobs${questionQuery(options)}`, {
      ...{ method: 'POST', body: manyImages(images), signal, timeoutMs, repeatable: true },
      headers: { 'Idempotency-Key': idempotencyKey },
    });
  }

  /** One's own, newest first; everybody's with a key for admin. */
  async list(options: { limit?: number; after?: string } & Abort = {}): Promise<JobList> {
    const { limit, after, signal } = options;
    return await this.#get(queryOf({ limit, after }), signal);
  }

  async show(id: string, { signal }: Abort = {}): Promise<JobStatus> {
    return await this.#get(path(id), signal);
  }

  /** The results that are there, from line `offset` on. */
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

  /** What is new of the job, until it has ended. Waits for a service that restarts. */
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

  /** Tries again what kept failing. */
  async replay(id: string, { signal }: Abort = {}): Promise<JobStatus> {
    const ask = { method: 'POST', signal, repeatable: false } as const;
    return await this.#transport.json<JobStatus>(`/v1/jobs${path(id)}/replay`, ask);
  }

  /** Ends the work and deletes images and results. */
  async cancel(id: string, { signal }: Abort = {}): Promise<void> {
    const ask = { method: 'DELETE', signal, repeatable: false } as const;
    await this.#transport.ask(`/v1/jobs${path(id)}`, ask);
  }

  async #get<T>(path: string, signal: AbortSignal | undefined): Promise<T> {
    return await this.#transport.json<T>(`/v1/jobs${path}`, { signal, repeatable: true });
  }
}

const path = (id: string): string => `/${encodeURIComponent(id)}`;
