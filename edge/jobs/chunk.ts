/**
 * The work on one chunk: its images through the tiers, its lines into the bucket. May be done again
 * at any point: what is there is not done again, and each image has one line in the end.
 * @module
 */
import { ERRORS, HebbError } from '../../shared/model/errors.ts';
import type { JobContext } from './context.ts';
import { finish } from './finish.ts';
import { chunkIndices, type Job } from './job.ts';
import { isTransient, type Line, summarise } from './line.ts';

/** Classifies images of a job, in any order of time but with a line each. */
export type Classify = (job: Job, indices: readonly number[]) => AsyncIterable<ClassifiedLine>;

export interface ClassifiedLine {
  readonly line: Line;
  /** That the error was there before any work: it stays. */
  readonly given: boolean;
}

/** What is left of a chunk. */
export interface ChunkTask {
  /** Lines of earlier attempts. */
  readonly known: readonly Line[];
  /** Indices of the other images. */
  readonly todo: readonly number[];
  /** That there are results already, whose dead letters are tried again. */
  readonly replaying: boolean;
}

/** Undefined when nothing is. */
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

/** Throws the first error that is worth another attempt; lines that stand are kept. */
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
  const settled = [...task.known];
  const failure = await classifyInto(settled, classify(found, task.todo));
  if (failure) {
    await store.putPartial(job, chunk, settled);
    if (!(await store.exists(job))) return await store.remove(job); // deleted meanwhile
    throw failure;
  }
  await settle(context, found, chunk, settled, { began, replace: task.replaying });
}

/** Adds the lines that stand. Returns why others do not, and keeps those that came before a failure. */
async function classifyInto(settled: Line[], lines: AsyncIterable<ClassifiedLine>) {
  let failure: unknown;
  try {
    for await (const { line, given } of lines) {
      if (!given && 'error' in line && isTransient(ERRORS[line.error.code].status ?? 500)) {
        failure ??= new HebbError(line.error.code, line.error.message, { hint: line.error.hint });
      } else settled.push(line);
    }
  } catch (error) {
    failure ??= error;
  }
  return failure;
}

/** Writes a chunk's lines; ends the job if they were the last. */
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
  const whole = sorted.length === indices.length && indices.every((n, i) => sorted[i]!.index === n);
  if (!whole) throw new HebbError('internal', `Chunk ${chunk} of ${job.id} is not whole.`);
  const summary = summarise(sorted, { began, ended: now() });
  await store.putResults(job.id, chunk, sorted, summary, { replace });
  if (summary.dead === 0) await store.deleteDeadLetter(job.id, chunk);
  if (!(await store.exists(job.id))) return await store.remove(job.id); // deleted meanwhile
  await finish(context, job);
}
