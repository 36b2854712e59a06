/**
 * The waiting line: ordered, bounded by its owner, and left early by requests that are called off.
 * @module
 */
import type { ModelOutputs } from '../backend/runner.ts';
import type { ImageType } from '../host/messages.ts';

/** 1 is for someone who waits, 2 for work in bulk (the numbers of Triton's schedule policy). */
export type Priority = 1 | 2;

export interface Answer {
  readonly outputs: ModelOutputs;
  readonly queueMs: number;
  readonly computeMs: number;
}

export interface Job {
  readonly dtype: ImageType;
  readonly images: number;
  readonly bytes: Uint8Array;
  readonly priority: Priority;
  readonly arrivedAt: number;
  /** By when the answer is wanted; Infinity for no hurry. */
  readonly deadline: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Bulk work stands in line as if it had come this much later, ms. So what is urgent goes first, and
 * bulk work moves on nevertheless.
 */
export const BULK_HANDICAP_MS = 1_000;

const rank = (job: Job) => job.arrivedAt + (job.priority === 2 ? BULK_HANDICAP_MS : 0);

export interface JobQueue {
  readonly images: number;
  readonly jobs: readonly Job[];
  /** Arrival of the job that has waited longest; undefined when empty. */
  oldest(): number | undefined;
  add(job: Job): void;
  /** Takes a job out; false when it was not there (any more). */
  remove(job: Job): boolean;
  /** Takes jobs in order, alike in type, the first one always, others up to `limit` images. */
  take(limit: number): Job[];
}

export function createJobQueue(): JobQueue {
  const jobs: Job[] = [];
  let images = 0;
  const remove = (job: Job) => {
    const at = jobs.indexOf(job);
    if (at < 0) return false;
    jobs.splice(at, 1);
    images -= job.images;
    return true;
  };
  return {
    jobs,
    get images() {
      return images;
    },
    oldest: () =>
      jobs.length === 0 ? undefined : Math.min(...jobs.map(({ arrivedAt }) => arrivedAt)),
    add(job) {
      let at = jobs.length; // jobs come in order, save for the bulk ones at the end
      while (at > 0 && rank(jobs[at - 1]!) > rank(job)) at--;
      jobs.splice(at, 0, job);
      images += job.images;
    },
    remove,
    take(limit) {
      const taken: Job[] = [];
      let room = limit;
      for (const job of jobs) {
        if (job.dtype !== jobs[0]!.dtype) continue;
        if (taken.length > 0 && job.images > room) break;
        taken.push(job);
        room -= job.images;
      }
      for (const job of taken) remove(job);
      return taken;
    },
  };
}
