/**
 * Takes a job in: inputs into the bucket as they come, then what was asked, then messages into the
 * queue. Broken off anywhere, it leaves nothing behind, or a job that the sweep takes up.
 * @module
 */
import { HebbError } from '../../shared/model/errors.ts';
import type { BatchItem } from '../batch/item.ts';
import type { JobContext } from './context.ts';
import { drive } from './drive.ts';
import { idempotencyDigest } from './idempotency.ts';
import type { Inputs } from './inputs.ts';
import { chunkSizeFor, type Job, type JobOptions } from './job.ts';
import { jobTime, newJobId } from './job-id.ts';
import { Parallel } from './parallel.ts';

/** Workers have six connections at a time; one is the request's own. */
const STORED_AT_ONCE = 4;

export interface JobRequest {
  readonly owner: string;
  readonly requestId: string;
  readonly options: JobOptions;
  readonly webhook?: string;
  /** Idempotency-Key, as the caller gave it. */
  readonly key?: string;
  /** The images; only read when this is no repetition. */
  readonly items: () => AsyncIterable<BatchItem>;
}

export interface Received {
  readonly job: Job;
  /** That the job was there already. */
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
      await drive(context, job).catch((error: unknown) => notDriven(id, error));
      return { job, repeated: false };
    }
    // The same request was sent twice at once, and the other one was quicker.
    await store.remove(id);
    const other = await store.job(winner);
    if (other) return { job: sameRequest(other, request), repeated: true };
    throw new HebbError('job_not_found', `The job ${winner} was deleted just now.`);
  } catch (error) {
    if (!(await store.exists(id))) await store.remove(id);
    throw error;
  }
}

/** The job that answers a key; one that was deleted does not. */
async function jobOfKey({ store }: JobContext, digest: string): Promise<Job | undefined> {
  const id = await store.idOfKey(digest);
  return id === undefined ? undefined : await store.job(id);
}

function sameRequest(job: Job, { options, webhook }: JobRequest): Job {
  const asked = (of: { options: JobOptions; webhook?: string }) =>
    JSON.stringify([of.options, of.webhook]);
  if (asked(job) === asked({ options, ...(webhook !== undefined && { webhook }) })) return job;
  throw new HebbError('idempotency_reused', `The job ${job.id} was made with other options.`);
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

/** Stores the images as they come, and counts them. When it throws, nothing is under way any more. */
async function storeInputs(
  context: JobContext,
  inputs: Inputs,
  id: string,
  items: AsyncIterable<BatchItem>,
): Promise<number> {
  const storing = new Parallel(STORED_AT_ONCE);
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
  if (images === 0) throw new HebbError('missing_image', 'There is no image in the body.');
  return images;
}

function checkTime({ limits, now }: JobContext, id: string): void {
  if (now() < jobTime(id) + limits.uploadMs) return;
  const minutes = limits.uploadMs / 60_000;
  throw new HebbError('body_timeout', `The images did not arrive within ${minutes} minutes.`);
}

/** It was taken all the same: the sweep sends its messages when its time comes. */
function notDriven(id: string, error: unknown): void {
  console.error(
    JSON.stringify({ level: 'error', event: 'job_not_enqueued', job: id, cause: String(error) }),
  );
}
