/**
 * From the queue to the end of a job. Every step is idempotent: it may have been done before by a consumer
 * that was cut off, or run twice at once.
 * @module
 */
import { longestSeconds } from './back-off.ts';
import { deleteAll, listObjects } from './bucket.ts';
import type { JobContext } from './context.ts';
import type { Job, JobEnd } from './job.ts';
import { jobTime } from './job-id.ts';
import { inputsFolder, numberOf } from './keys.ts';
import { type JobMessage, sendAll } from './messages.ts';
import { countsOf, type JobFacts, outstanding, readFacts } from './progress.ts';

/**
 * Queues the outstanding chunks. Queuing a chunk twice is harmless.
 * @param repeats how often this was done before without progress
 */
export async function enqueue(context: JobContext, job: Job, repeats = 0): Promise<void> {
  const { store, marks, queue, limits, now } = context;
  const facts = await readFacts(store, job);
  const messages = outstanding(facts).map(
    (chunk): JobMessage => ({ kind: 'chunk', job: job.id, chunk }),
  );
  const drivenAt = now();
  // The mark first: if sending fails, the sweep retries it.
  const quiet = limits.quietMs * 2 ** repeats;
  await marks.put(job.id, {
    lookAt: Math.min(drivenAt + quiet, Math.max(drivenAt, jobTime(job.id) + limits.workMs)),
    drivenAt,
    drives: repeats,
    done: countsOf(facts).done,
  });
  await sendAll(queue, messages);
}

/** Ends the job if no chunk is outstanding. */
export async function finish(context: JobContext, job: Job): Promise<void> {
  const { store, queue, now } = context;
  const facts = await readFacts(store, job);
  if (outstanding(facts).length > 0) return;
  const state = countsOf(facts).dead > 0 ? 'failed' : 'completed';
  const end: JobEnd = facts.end ?? { state, at: now() };
  const first = await store.putEnd(job.id, end);
  if (first && job.webhook !== undefined) {
    await sendAll(queue, [{ kind: 'webhook', job: job.id }]);
  }
  await tidy(context, { ...facts, end });
}

/**
 * Cleans up after a job that has ended: deletes the inputs that no replay needs, and the mark unless a
 * replay or the webhook may follow.
 */
export async function tidy(context: JobContext, facts: JobFacts): Promise<void> {
  const { store, marks, limits, now } = context;
  const { job, deadLetters, webhookEnd } = facts;
  const workUntil = jobTime(job.id) + limits.workMs;
  const replayable = now() < workUntil;
  const keep = new Set(replayable ? [...deadLetters.values()].flatMap(({ images }) => images) : []);
  await deleteInputs(context, job, keep);
  const announcing = job.webhook !== undefined && !webhookEnd;
  if (keep.size === 0 && !announcing) return await marks.delete(job.id);
  const allAttempts = longestSeconds(limits.webhook.attempts, limits.webhook.backOff) * 1000;
  const lookAt = announcing ? now() + limits.quietMs + allAttempts : workUntil;
  const { done } = countsOf(facts);
  await marks.put(job.id, { lookAt, drivenAt: now(), drives: 0, done });
  if (!(await store.exists(job.id))) await marks.delete(job.id); // deleted meanwhile
}

async function deleteInputs({ store }: JobContext, { id }: Job, keep: ReadonlySet<number>) {
  const inputs = await listObjects(store.bucket, { prefix: inputsFolder(id) });
  const done = inputs.filter(({ key }) => !keep.has(numberOf(key)));
  await deleteAll(
    store.bucket,
    done.map(({ key }) => key),
  );
}
