/**
 * Runs every minute: resumes jobs that have stalled and deletes old ones. Queues lose no message, but a
 * consumer can be cut off between any two steps, and the local queue is in memory and lost in a crash.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import type { JobContext } from './context.ts';
import { giveUpChunk } from './dead-letters.ts';
import type { Inputs } from './inputs.ts';
import type { Job } from './job.ts';
import { afterTime, jobTime } from './job-id.ts';
import { enqueue, finish, tidy } from './lifecycle.ts';
import { sendAll } from './messages.ts';
import type { OpenMark } from './open-marks.ts';
import { countsOf, outstanding, readFacts } from './progress.ts';

/** The cron string of a server that has just started with an empty queue. */
export const RESTARTED = '@restart';

export interface SweepOptions {
  /** When the server started with an empty queue; ms since 1970. */
  readonly restartedAt?: number;
}

export async function sweep(
  context: JobContext,
  inputs: Inputs,
  { restartedAt = 0 }: SweepOptions = {},
): Promise<void> {
  const { marks, now } = context;
  for (const { id, mark } of await marks.list()) {
    const lost = mark.drivenAt < restartedAt;
    if (mark.lookAt > now() && !lost) continue;
    await lookAt(context, inputs, id, mark, lost).catch((error: unknown) => {
      // The other jobs still get their turn.
      const cause = String((error as Error)?.stack ?? error);
      console.error(JSON.stringify({ level: 'error', event: 'sweep_failed', job: id, cause }));
    });
  }
  await removeOld(context);
}

async function lookAt(
  context: JobContext,
  inputs: Inputs,
  id: string,
  mark: OpenMark,
  lost: boolean,
): Promise<void> {
  const { store, marks, queue, limits, now } = context;
  const job = await store.job(id);
  if (!job) return await store.remove(id); // its upload was aborted
  if (!(await ownsKey(context, job))) return await store.remove(id);
  const facts = await readFacts(store, job);
  if (facts.end) {
    const announcing = job.webhook !== undefined && !facts.webhookEnd;
    if (announcing) await sendAll(queue, [{ kind: 'webhook', job: id }]);
    await tidy(context, facts);
  } else if (outstanding(facts).length === 0) {
    await finish(context, job);
  } else if (now() >= jobTime(id) + limits.workMs) {
    await giveUp(context, inputs, job, outstanding(facts));
  } else {
    const { done } = countsOf(facts);
    if (lost) await enqueue(context, job);
    else if (done <= mark.done) await enqueue(context, job, mark.drives + 1);
    else await marks.put(id, { ...mark, lookAt: now() + limits.quietMs, drives: 0, done });
  }
}

/** Of several jobs with one Idempotency-Key only the one that has claimed it continues. */
async function ownsKey({ store }: JobContext, { id, idempotency }: Job): Promise<boolean> {
  return idempotency === undefined || (await store.claimKey(idempotency, id)) === id;
}

async function giveUp(context: JobContext, inputs: Inputs, job: Job, chunks: readonly number[]) {
  const hours = context.limits.workMs / 3_600_000;
  const { error } = new HebbError(
    'job_expired',
    `The job was not done within ${hours} hours.`,
  ).toBody();
  for (const chunk of chunks) {
    await giveUpChunk(context, inputs, job, chunk, { error, attempts: 0 });
  }
}

/** Ids sort by age: those after `keepMs` ago are too old. */
async function removeOld({ store, limits, now }: JobContext): Promise<void> {
  const old: string[] = [];
  for await (const id of store.ids(afterTime(now() - limits.keepMs))) old.push(id);
  for (const id of old) await store.remove(id);
}
