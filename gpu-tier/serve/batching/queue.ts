/**
 * The queue of requests, ordered by priority. Its owner limits its length; cancelled requests leave it early.
 * @module
 */
import type { ModelOutputs } from '@hebb/tensorflow/backend/runner';
import type { ImageType } from '../host/messages.ts';

/** 1: interactive, 2: bulk (the numbers of Triton's schedule policy). */
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
  /** Time by which the answer is needed; Infinity for none. */
  readonly deadline: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Bulk work is queued as if it had arrived this much later, ms: interactive requests go first, and bulk work does not
 * starve.
 */
export const BULK_HANDICAP_MS = 1_000;

const rank = (job: Job) => job.arrivedAt + (job.priority === 2 ? BULK_HANDICAP_MS : 0);

export interface JobQueue {
  readonly images: number;
  readonly jobs: readonly Job[];
  /** Arrival of the oldest job; undefined if the queue is empty. */
  oldest(): number | undefined;
  add(job: Job): void;
  /** Removes a job; false if it was not in the queue. */
  remove(job: Job): boolean;
  /** Removes and returns the first job and following jobs of the same type, up to `limit` images. */
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
      let at = jobs.length; // jobs arrive in order, except that bulk jobs stay behind
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
