/**
 * Puts what is left of a job on the queue. Doing so again, while messages of the first time are still
 * there, changes nothing: what is done is not done again.
 * @module
 */
import type { JobContext } from './context.ts';
import { chunkCount, type Job } from './job.ts';
import { jobTime } from './job-id.ts';
import type { JobMessage } from './messages.ts';
import { sendAll } from './messages.ts';
import { countsOf, type JobFacts, readFacts } from './progress.ts';

/** Chunks without results, and those whose dead letters are being tried again. */
export function outstanding({ job, chunks, deadLetters }: JobFacts): number[] {
  return Array.from({ length: chunkCount(job) }, (_, chunk) => chunk).filter(
    (chunk) => !chunks.has(chunk) || deadLetters.get(chunk)?.replaying,
  );
}

/** @param drives how often that was done before without anything getting done */
export async function drive(context: JobContext, job: Job, drives = 0): Promise<void> {
  const { store, marks, queue, limits, now } = context;
  const facts = await readFacts(store, job);
  const messages = outstanding(facts).map(
    (chunk): JobMessage => ({ kind: 'chunk', job: job.id, chunk }),
  );
  const drivenAt = now();
  // The mark first: should sending fail, the sweep comes for it.
  const quiet = limits.quietMs * 2 ** drives;
  await marks.put(job.id, {
    lookAt: Math.min(drivenAt + quiet, Math.max(drivenAt, jobTime(job.id) + limits.workMs)),
    drivenAt,
    drives,
    done: countsOf(facts).done,
  });
  await sendAll(queue, messages);
}
