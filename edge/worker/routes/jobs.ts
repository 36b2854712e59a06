/**
 * `/v1/jobs`: many images, classified in the background.
 * @module
 */

import { HebbError } from '@hebb/model/errors';
import { jobListQuery, jobQuery, jobResultsQuery } from '@hebb/protocol/api/options';
import { hasEnded, type JobList } from '@hebb/protocol/jobs/status';
import type { Handler } from 'hono';
import type { BatchItem } from '../batch/item.ts';
import { type AppContext, type AppEnv, keepAliveOf } from '../http/context.ts';
import { readQuery } from '../http/parameters.ts';
import type { JobContext } from '../jobs/context.ts';
import { replay } from '../jobs/dead-letters.ts';
import { idempotencyKeyOf } from '../jobs/idempotency.ts';
import type { Job, JobOptions } from '../jobs/job.ts';
import { isJobId } from '../jobs/job-id.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { openResults, readFacts, statusOf } from '../jobs/progress.ts';
import { receiveJob } from '../jobs/receive.ts';
import { checkWebhook } from '../jobs/webhook/deliver.ts';
import type { Models } from '../models/models.ts';
import { classes, optionsOf } from './options.ts';

export interface JobDependencies {
  readonly jobs: Jobs;
  readonly models: Models;
  /** The images of a request as they arrive. */
  readonly readImages: (request: Request) => AsyncIterable<BatchItem>;
}

/** `POST /v1/jobs`: stores the images, then answers 202. */
export function createJob(dependencies: JobDependencies): Handler<AppEnv> {
  const { jobs, readImages } = dependencies;
  const { context, inputs, webhooks } = jobs;
  return async (c) => {
    const request = c.req.raw;
    const { options, webhook } = await parametersOf(c, dependencies);
    const key = idempotencyKeyOf(request.headers);
    const work = receiveJob(context, inputs, {
      owner: c.get('caller').id,
      requestId: c.get('requestId'),
      options,
      ...(webhook !== undefined && { webhook: checkWebhook(webhooks, webhook) }),
      ...(key !== undefined && { key }),
      items: () => readImages(request),
    });
    // Keeps running after a disconnect, to delete what has been stored.
    keepAliveOf(c)(work.catch(() => {}));
    const { job, repeated } = await work;
    const status = await jobStatus(context, job);
    c.header('Location', status.links.self);
    if (repeated) c.header('Idempotency-Replayed', 'true');
    return c.json(status, 202);
  };
}

async function parametersOf(
  c: AppContext,
  { models }: JobDependencies,
): Promise<{ options: JobOptions; webhook: string | undefined }> {
  if (c.req.query('deadline_ms') !== undefined) {
    throw new HebbError('invalid_argument', 'A job takes no deadline_ms.');
  }
  const { webhook, ...query } = readQuery(c, jobQuery(await classes(c, models)));
  return { options: optionsOf(query), webhook };
}

/** `GET /v1/jobs`: the caller's jobs, newest first; those of all callers for admins. */
export function listJobs({ jobs: { context } }: JobDependencies): Handler<AppEnv> {
  return async (c) => {
    const { limit, after } = readQuery(c, jobListQuery);
    if (after !== undefined && !isJobId(after)) throw notFound(after);
    const found: Job[] = [];
    const { id: owner, scopes } = c.get('caller');
    const { store } = context;
    const ids = scopes.includes('admin') ? store.ids(after) : store.idsOf(owner, after);
    for await (const id of ids) {
      const job = await store.job(id);
      if (job) found.push(job);
      if (found.length > limit) break;
    }
    const listed = found.slice(0, limit);
    const list: JobList = {
      jobs: await Promise.all(listed.map((job) => jobStatus(context, job))),
      ...(found.length > limit && { next: listed.at(-1)!.id }),
    };
    return c.json(list);
  };
}

/** `GET /v1/jobs/{id}` */
export function showJob({ jobs: { context } }: JobDependencies): Handler<AppEnv> {
  return async (c) => c.json(await jobStatus(context, await jobOf(c, context)));
}

/**
 * `GET /v1/jobs/{id}/results`: the lines that are ready, from `?offset=` on. `X-Hebb-Next-Offset` is the
 * offset of the next request, `X-Hebb-Job-State` says whether more will follow.
 */
export function jobResults({ jobs: { context } }: JobDependencies): Handler<AppEnv> {
  return async (c) => {
    const job = await jobOf(c, context);
    const { offset } = readQuery(c, jobResultsQuery(job.images));
    // The state is read first: if the job has ended by then, all lines are there.
    const { state } = await jobStatus(context, job);
    const { body, next } = await openResults(context.store, job, offset);
    c.header('Content-Type', 'application/x-ndjson');
    c.header('X-Hebb-Next-Offset', String(next));
    c.header('X-Hebb-Job-State', state);
    if (!hasEnded(state)) c.header('Retry-After', '1');
    return c.body(body);
  };
}

/** `DELETE /v1/jobs/{id}`: stops the work and deletes inputs and results. */
export function deleteJob({ jobs: { context } }: JobDependencies): Handler<AppEnv> {
  return async (c) => {
    const { id } = await jobOf(c, context);
    const work = context.store.remove(id);
    keepAliveOf(c)(work.catch(() => {}));
    await work;
    return c.body(null, 204);
  };
}

/** `POST /v1/jobs/{id}/replay`: retries the dead letters. */
export function replayJob({ jobs: { context } }: JobDependencies): Handler<AppEnv> {
  return async (c) => {
    const job = await jobOf(c, context);
    await replay(context, job);
    return c.json(await jobStatus(context, job), 202);
  };
}

async function jobOf(c: AppContext, { store }: JobContext): Promise<Job> {
  const id = c.req.param('id') ?? '';
  const job = isJobId(id) ? await store.job(id) : undefined;
  if (job && maySee(c, job)) return job;
  throw notFound(id);
}

function maySee(c: AppContext, { owner }: Job): boolean {
  const { id, scopes } = c.get('caller');
  return owner === id || scopes.includes('admin');
}

async function jobStatus({ store, limits, now }: JobContext, job: Job) {
  const facts = await readFacts(store, job);
  return statusOf(facts, { now: now(), keepMs: limits.keepMs });
}

const notFound = (id: string) =>
  new HebbError('job_not_found', `You have no job "${id.slice(0, 100)}".`);
