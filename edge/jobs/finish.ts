/**
 * The end of a job. Each step may have been done before, by a consumer that was cut off, or be done
 * by two at once: then it changes nothing.
 * @module
 */
import { deleteAll, listObjects } from './bucket.ts';
import type { JobContext } from './context.ts';
import { outstanding } from './drive.ts';
import type { Job, JobEnd } from './job.ts';
import { jobTime } from './job-id.ts';
import { inputsFolder, numberOf } from './keys.ts';
import type { BackOff } from './limits.ts';
import { sendAll } from './messages.ts';
import { countsOf, type JobFacts, readFacts } from './progress.ts';

/** Ends the job if nothing of it is left to do. */
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
 * Of a job that has ended, deletes the inputs, but those that a replay would need, and then the mark
 * when nothing is left to look after.
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
  const allAttempts = longestSeconds(limits.webhook.backOff, limits.webhook.attempts) * 1000;
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

/** How long a message may be on its way in all, s. */
function longestSeconds({ firstSeconds, atMostSeconds }: BackOff, attempts: number): number {
  let total = 0;
  for (let n = 0; n < attempts; n++) total += 1.5 * Math.min(atMostSeconds, firstSeconds * 2 ** n);
  return total;
}
