/**
 * Classifies the images of one chunk and stores their lines. Idempotent: a repetition skips the images
 * that have a line, and each image ends up with one.
 * @module
 */
import { ERRORS, HebbError } from '@hebb/model/errors';
import type { JobContext } from './context.ts';
import { chunkIndices, type Job } from './job.ts';
import { finish } from './lifecycle.ts';
import { isTransient, type Line, summarise } from './line.ts';

/** Classifies images of a job; yields a line for each. */
export type Classify = (job: Job, indices: readonly number[]) => AsyncIterable<ClassifiedLine>;

export interface ClassifiedLine {
  readonly line: Line;
  /** Whether the input itself was an error, which no retry changes. */
  readonly given: boolean;
}

/** The outstanding work of a chunk. */
export interface ChunkTask {
  /** Lines of earlier attempts. */
  readonly known: readonly Line[];
  /** Indices of the images without a line. */
  readonly todo: readonly number[];
  /** Whether the chunk has results whose dead letters are tried again. */
  readonly replaying: boolean;
}

/** Undefined if the chunk is done. */
export async function chunkTask(
  { store }: JobContext,
  job: Job,
  chunk: number,
): Promise<ChunkTask | undefined> {
  const results = await store.lines(job.id, 'results', chunk);
  const replaying = results !== undefined;
  if (replaying && !(await store.deadLetter(job.id, chunk))?.replaying) return undefined;
  const partial = await store.lines(job.id, 'partial', chunk);
  const known = partial ?? results?.filter((line) => !line.dead) ?? [];
  const have = new Set(known.map(({ index }) => index));
  const todo = chunkIndices(job, chunk).filter((index) => !have.has(index));
  return { known, todo, replaying };
}

/** Throws the first transient error, for a retry; final lines are kept. */
export async function workOnChunk(
  context: JobContext,
  classify: Classify,
  { job, chunk }: { job: string; chunk: number },
): Promise<void> {
  const { store, now } = context;
  const found = await store.job(job);
  if (!found) return; // deleted
  const task = await chunkTask(context, found, chunk);
  if (!task) return await finish(context, found);
  const began = now();
  const final = [...task.known];
  const failure = await classifyInto(final, classify(found, task.todo));
  if (failure) {
    await store.putPartial(job, chunk, final);
    if (!(await store.exists(job))) return await store.remove(job); // deleted meanwhile
    throw failure;
  }
  await settle(context, found, chunk, final, { began, replace: task.replaying });
}

/** Adds final lines to `final`. Returns the first transient error, or what ended the lines. */
async function classifyInto(final: Line[], lines: AsyncIterable<ClassifiedLine>) {
  let failure: unknown;
  try {
    for await (const { line, given } of lines) {
      if (!given && 'error' in line && isTransient(ERRORS[line.error.code].status ?? 500)) {
        failure ??= new HebbError(line.error.code, line.error.message, { hint: line.error.hint });
      } else final.push(line);
    }
  } catch (error) {
    failure ??= error;
  }
  return failure;
}

/** Stores the lines of a whole chunk, and ends the job if it was the last. */
export async function settle(
  context: JobContext,
  job: Job,
  chunk: number,
  lines: readonly Line[],
  { began, replace }: { began: number; replace: boolean },
): Promise<void> {
  const { store, now } = context;
  const sorted = lines.toSorted((a, b) => a.index - b.index);
  const indices = chunkIndices(job, chunk);
  const complete =
    sorted.length === indices.length && indices.every((n, i) => sorted[i]!.index === n);
  if (!complete) throw new HebbError('internal', `Chunk ${chunk} of ${job.id} is incomplete.`);
  const summary = summarise(sorted, { began, ended: now() });
  await store.putResults(job.id, chunk, sorted, summary, { replace });
  if (summary.dead === 0) await store.deleteDeadLetter(job.id, chunk);
  if (!(await store.exists(job.id))) return await store.remove(job.id); // deleted meanwhile
  await finish(context, job);
}
