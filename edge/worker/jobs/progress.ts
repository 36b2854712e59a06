/**
 * Status and results of a job, derived from its objects in the bucket.
 * @module
 */
import type { DeadLetterStatus, JobCounts, JobState, JobStatus } from '@hebb/protocol/jobs/status';
import { chunkCount, type DeadLetter, type Job, type JobEnd, type WebhookEnd } from './job.ts';
import { jobTime } from './job-id.ts';
import type { ChunkSummary } from './line.ts';
import type { JobStore } from './store.ts';

export interface JobFacts {
  readonly job: Job;
  /** Of finished chunks, by chunk. */
  readonly chunks: ReadonlyMap<number, ChunkSummary>;
  readonly deadLetters: ReadonlyMap<number, DeadLetter>;
  readonly end: JobEnd | undefined;
  readonly webhookEnd: WebhookEnd | undefined;
}

export async function readFacts(store: JobStore, job: Job): Promise<JobFacts> {
  const { id, webhook } = job;
  const [chunks, end, webhookEnd] = await Promise.all([
    store.summaries(id),
    store.end(id),
    webhook === undefined ? undefined : store.webhookEnd(id),
  ]);
  const dead = [...chunks.values()].some((chunk) => chunk.dead > 0);
  const deadLetters = dead ? await store.deadLetters(id) : new Map<number, DeadLetter>();
  return { job, chunks, deadLetters, end, webhookEnd };
}

/** Chunks without results, and those whose dead letters are being replayed. */
export function outstanding({ job, chunks, deadLetters }: JobFacts): number[] {
  return Array.from({ length: chunkCount(job) }, (_, chunk) => chunk).filter(
    (chunk) => !chunks.has(chunk) || deadLetters.get(chunk)?.replaying,
  );
}

/** Images that are being replayed count neither as done nor as dead. */
export function countsOf({ job, chunks, deadLetters }: JobFacts): JobCounts {
  const sum = (of: keyof ChunkSummary) =>
    [...chunks].reduce((total, [, chunk]) => total + chunk[of], 0);
  const again = [...deadLetters].reduce(
    (total, [, { images, replaying }]) => total + (replaying ? images.length : 0),
    0,
  );
  const [done, failed, dead] = [sum('images') - again, sum('failed'), sum('dead') - again];
  return { total: job.images, done, succeeded: done - failed - dead, failed, dead };
}

/** @param now ms since 1970 @param keepMs how long a job is kept */
export function statusOf(facts: JobFacts, { now, keepMs }: { now: number; keepMs: number }) {
  const { job, chunks, deadLetters, end, webhookEnd } = facts;
  const { id, options, webhook } = job;
  const created = jobTime(id);
  const images = countsOf(facts);
  const replaying = [...deadLetters.values()].some((letter) => letter.replaying);
  const state: JobState = end?.state ?? (images.done > 0 || replaying ? 'running' : 'queued');
  const eta = end ? undefined : etaSeconds(facts, images, now);
  const tier = (name: 'edge' | 'gpu') =>
    [...chunks].reduce((total, [, chunk]) => total + chunk[name], 0);
  const status: JobStatus = {
    id,
    state,
    created_at: iso(created),
    ...(end && { ended_at: iso(end.at) }),
    expires_at: iso(created + keepMs),
    images,
    progress: Math.round((1000 * images.done) / images.total) / 1000,
    ...(eta !== undefined && { eta_seconds: eta }),
    tiers: { edge: tier('edge'), gpu: tier('gpu') },
    options: {
      top: options.top,
      engine: options.engine,
      tier: options.tier,
      ...(options.escalateBelow !== undefined && { escalate_below: options.escalateBelow }),
    },
    ...(webhook !== undefined && { webhook: webhookStatus(webhook, webhookEnd) }),
    ...(deadLetters.size > 0 && {
      dead_letters: [...deadLetters].map(([chunk, letter]) => deadLetterStatus(chunk, letter)),
    }),
    links: { self: `/v1/jobs/${id}`, results: `/v1/jobs/${id}/results` },
  };
  return status;
}

/** Time per finished image since the first chunk began, times the number of images left. */
function etaSeconds({ chunks }: JobFacts, { total, done }: JobCounts, now: number) {
  if (done === 0 || done === total) return undefined;
  const began = Math.min(...[...chunks.values()].map((chunk) => chunk.began));
  return Math.max(1, Math.round(((now - began) / 1000 / done) * (total - done)));
}

function webhookStatus(url: string, end: WebhookEnd | undefined) {
  if (!end) return { url, state: 'waiting' as const };
  const { state, attempts, at, reason } = end;
  return { url, state, attempts, at: iso(at), ...(reason !== undefined && { reason }) };
}

const deadLetterStatus = (chunk: number, letter: DeadLetter): DeadLetterStatus => ({
  chunk,
  images: letter.images,
  error: letter.error,
  attempts: letter.attempts,
  at: iso(letter.at),
  ...(letter.replaying && { replaying: true }),
});

const iso = (ms: number): string => new Date(ms).toISOString();

export interface Results {
  readonly body: ReadableStream<Uint8Array>;
  /** The offset after the last line of `body`. */
  readonly next: number;
}

/**
 * Results as NDJSON, line n for image n, up to the first chunk that is not done.
 * @param offset number of lines to skip
 */
export async function openResults(store: JobStore, job: Job, offset: number): Promise<Results> {
  const done = await store.summaries(job.id);
  const first = Math.floor(offset / job.chunkSize);
  let end = first;
  while (end < chunkCount(job) && done.has(end)) end++;
  const next = Math.max(offset, Math.min(job.images, end * job.chunkSize));
  const encoder = new TextEncoder();
  let chunk = first;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (chunk >= end) return controller.close();
      const text = await store.resultsText(job.id, chunk);
      if (text === undefined) throw new Error(`The job ${job.id} was deleted.`);
      const skip = chunk === first ? offset - first * job.chunkSize : 0;
      chunk++;
      controller.enqueue(encoder.encode(withoutLines(text, skip)));
    },
  });
  return { body, next };
}

function withoutLines(text: string, count: number): string {
  let at = 0;
  for (let n = 0; n < count; n++) at = text.indexOf('\n', at) + 1;
  return text.slice(at);
}
