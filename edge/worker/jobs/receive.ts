/**
 * Creates a job: stores the inputs as they arrive, then the job, then queues its chunks. If it is cut off,
 * the sweep deletes the inputs or continues the job.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import type { BatchItem } from '../batch/item.ts';
import type { JobContext } from './context.ts';
import { idempotencyDigest } from './idempotency.ts';
import type { Inputs } from './inputs.ts';
import { chunkSizeFor, type Job, type JobOptions } from './job.ts';
import { jobTime, newJobId } from './job-id.ts';
import { enqueue } from './lifecycle.ts';

/** Workers have six connections at a time, one of which is the request. */
const CONCURRENT_PUTS = 4;

export interface JobRequest {
  readonly owner: string;
  readonly requestId: string;
  readonly options: JobOptions;
  readonly webhook?: string;
  /** Idempotency-Key, as the caller gave it. */
  readonly key?: string;
  /** The images; not read for a repeated request. */
  readonly items: () => AsyncIterable<BatchItem>;
}

export interface Received {
  readonly job: Job;
  /** Whether the job existed already. */
  readonly repeated: boolean;
}

export async function receiveJob(
  context: JobContext,
  inputs: Inputs,
  request: JobRequest,
): Promise<Received> {
  const { store, marks, limits, now } = context;
  const { owner, key } = request;
  const digest = key === undefined ? undefined : await idempotencyDigest(owner, key);
  const before = digest && (await jobOfKey(context, digest));
  if (before) return { job: sameRequest(before, request), repeated: true };

  const began = now();
  const id = newJobId(began);
  await marks.put(id, { lookAt: began + limits.uploadMs, drivenAt: began, drives: 0, done: 0 });
  try {
    const images = await storeInputs(context, inputs, id, request.items());
    const job = jobOf(id, images, request, digest);
    await store.putJob(job);
    const winner = digest === undefined ? id : await store.claimKey(digest, id);
    if (winner === id) {
      await enqueue(context, job).catch((error: unknown) => notEnqueued(id, error));
      return { job, repeated: false };
    }
    // The same request was sent twice at once, and the other one won.
    await store.remove(id);
    const other = await store.job(winner);
    if (other) return { job: sameRequest(other, request), repeated: true };
    throw new HebbError('job_not_found', `The job ${winner} has just been deleted.`);
  } catch (error) {
    if (!(await store.exists(id))) await store.remove(id);
    throw error;
  }
}

/** The job of a key, unless it has been deleted. */
async function jobOfKey({ store }: JobContext, digest: string): Promise<Job | undefined> {
  const id = await store.idOfKey(digest);
  return id === undefined ? undefined : await store.job(id);
}

function sameRequest(job: Job, { options, webhook }: JobRequest): Job {
  const asked = (of: { options: JobOptions; webhook?: string }) =>
    JSON.stringify([of.options, of.webhook]);
  if (asked(job) === asked({ options, ...(webhook !== undefined && { webhook }) })) return job;
  throw new HebbError('idempotency_reused', `The job ${job.id} with this key has other options.`);
}

function jobOf(id: string, images: number, request: JobRequest, digest: string | undefined): Job {
  const { owner, requestId, options, webhook } = request;
  return {
    id,
    owner,
    requestId,
    images,
    chunkSize: chunkSizeFor(images),
    options,
    ...(webhook !== undefined && { webhook }),
    ...(digest !== undefined && { idempotency: digest }),
  };
}

/** Stores the images as they arrive, and counts them. When it throws, no write is in progress. */
async function storeInputs(
  context: JobContext,
  inputs: Inputs,
  id: string,
  items: AsyncIterable<BatchItem>,
): Promise<number> {
  const storing = new Parallel(CONCURRENT_PUTS);
  let images = 0;
  try {
    for await (const item of items) {
      checkTime(context, id);
      const index = images++;
      const release = item.hold?.();
      await storing.add(() => inputs.put(id, index, item).finally(release));
    }
  } finally {
    await storing.settled();
  }
  await storing.done();
  if (images === 0) throw new HebbError('missing_image', 'The body has no image.');
  return images;
}

function checkTime({ limits, now }: JobContext, id: string): void {
  if (now() < jobTime(id) + limits.uploadMs) return;
  const minutes = limits.uploadMs / 60_000;
  throw new HebbError('body_timeout', `The images did not arrive within ${minutes} minutes.`);
}

/** Not an error for the caller: the sweep queues the chunks later. */
function notEnqueued(id: string, error: unknown): void {
  console.error(
    JSON.stringify({ level: 'error', event: 'job_not_enqueued', job: id, cause: String(error) }),
  );
}

/** Runs up to `limit` pieces of work at a time; the first failure ends it. */
class Parallel {
  readonly #limit: number;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Starts `work` when there is room. Throws an earlier failure. */
  async add(work: () => Promise<void>): Promise<void> {
    while (this.#running.size >= this.#limit) await Promise.race(this.#running);
    this.#check();
    const running: Promise<void> = work()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when nothing is running. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Waits for the rest. Throws a failure. */
  async done(): Promise<void> {
    await this.settled();
    this.#check();
  }

  #check(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
