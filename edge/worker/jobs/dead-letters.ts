/**
 * Dead letters: stores what failed for good, with the reason, and replays it.
 * @module
 */
import { HebbError } from '@hebb/model/errors';
import { chunkTask, settle } from './chunk.ts';
import type { JobContext } from './context.ts';
import type { Inputs } from './inputs.ts';
import type { Job } from './job.ts';
import { jobTime } from './job-id.ts';
import { enqueue, tidy } from './lifecycle.ts';
import type { Line, LineError } from './line.ts';
import type { DeadMessage } from './messages.ts';
import { readFacts } from './progress.ts';

/** For dead letters of the platform, which have no reason. */
const CUT_OFF = new HebbError(
  'internal',
  'The consumer ended without an error: most likely it ran out of CPU time or memory.',
).toBody().error;

/** Stores a message of the dead-letter queue. */
export async function fileDeadLetter(
  context: JobContext,
  inputs: Inputs,
  message: DeadMessage,
): Promise<void> {
  const job = await context.store.job(message.job);
  if (!job) return; // deleted
  const { error = CUT_OFF, attempts = context.limits.attempts } = message;
  if (message.kind === 'webhook') return await giveUpWebhook(context, job, error, attempts);
  await giveUpChunk(context, inputs, job, message.chunk, { error, attempts });
}

/** Gives each image of a chunk that has no line one with this error. */
export async function giveUpChunk(
  context: JobContext,
  inputs: Inputs,
  job: Job,
  chunk: number,
  { error, attempts }: { error: LineError; attempts: number },
): Promise<void> {
  const { store, now } = context;
  const task = await chunkTask(context, job, chunk);
  if (!task) return; // it succeeded after all
  const dead: Line[] = [];
  for (const index of task.todo) {
    const name = await inputs.name(job.id, index);
    dead.push({ index, ...(name !== undefined && { name }), error, dead: true });
  }
  if (dead.length > 0) {
    await store.putDeadLetter(job.id, chunk, { images: task.todo, error, attempts, at: now() });
  }
  const lines = [...task.known, ...dead];
  await settle(context, job, chunk, lines, { began: now(), replace: true });
}

async function giveUpWebhook(context: JobContext, job: Job, error: LineError, attempts: number) {
  const { store, now } = context;
  const at = now();
  await store.putWebhookEnd(job.id, { state: 'failed', at, attempts, reason: error.message });
  await tidy(context, await readFacts(store, job));
}

/** Retries the dead letters of a job. Throws `job_not_replayable`. */
export async function replay(context: JobContext, job: Job): Promise<void> {
  const { store, marks, limits, now } = context;
  const { deadLetters, end } = await readFacts(store, job);
  const why = !end
    ? 'it has not ended yet'
    : deadLetters.size === 0
      ? 'it has no dead letters'
      : now() >= jobTime(job.id) + limits.workMs
        ? 'its images have been deleted'
        : undefined;
  if (why !== undefined) {
    throw new HebbError('job_not_replayable', `The job ${job.id} cannot be replayed: ${why}.`);
  }
  const drivenAt = now();
  await marks.put(job.id, { lookAt: drivenAt + limits.quietMs, drivenAt, drives: 0, done: 0 });
  for (const [chunk, letter] of deadLetters) {
    await store.putDeadLetter(job.id, chunk, { ...letter, replaying: true });
  }
  await store.reopen(job.id);
  await enqueue(context, job);
}
