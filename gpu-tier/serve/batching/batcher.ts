/**
 * Dynamic batching: joins requests from all connections into batches.
 * @module
 */

import { HebbError } from '@hebb/model';
import { deferred } from '@hebb/model/node20';
import type { HostBatch, HostResult } from '../host/process.ts';
import type { Clock } from './clock.ts';
import type { ComputeEstimate } from './estimate.ts';
import type { DelayPolicy } from './policy.ts';
import { type Answer, createJobQueue, type Job, type Priority } from './queue.ts';
import { sizeFor, slice } from './shapes.ts';

/** Computes batches: the replicas of a model. */
export interface Executor {
  /** True if a batch can start now. */
  idle(): boolean;
  /** Why nothing can be computed at present; undefined if it can. */
  outage(): HebbError | undefined;
  run(batch: HostBatch): Promise<HostResult>;
  listen(events: { idle(): void; down(error: HebbError): void }): void;
}

/** Images of one request that stay in one batch, at most `maxBatchSize`. */
export interface Submission extends Pick<HostBatch, 'dtype' | 'images'> {
  readonly bytes: Uint8Array;
  readonly priority?: Priority;
  /** Time of the clock by which the answer is needed. */
  readonly deadline?: number;
  /** Aborted when the answer is no longer needed. */
  readonly signal?: AbortSignal;
}

export interface BatchReport {
  readonly images: number;
  readonly size: number;
  readonly computeMs: number;
  /** Time in the queue, per job. */
  readonly queueMs: readonly number[];
}

export interface BatcherOptions {
  readonly executor: Executor;
  readonly clock: Clock;
  readonly policy: DelayPolicy;
  readonly estimate: ComputeEstimate;
  readonly maxBatchSize: number;
  /** Allowed batch sizes, ascending; undefined if any size is allowed. */
  readonly batchSizes?: readonly number[] | undefined;
  /** Limit of queued images. */
  readonly maxQueueSize: number;
  readonly onBatch?: (report: BatchReport) => void;
}

export interface Batcher {
  /**
   * Resolves with the answer. Rejects with `overloaded` if the queue is full, `deadline_exceeded`, the signal's
   * reason, `host_restarted`, or an error of the model.
   */
  submit(submission: Submission): Promise<Answer>;
  /** Number of queued images. */
  depth(): number;
  /** Estimated seconds until the queue has been processed, for Retry-After. */
  retryAfterSeconds(): number;
  /** From now on no request waits for others, since no more will come (shutdown). */
  hurry(): void;
  /** Rejects all queued requests with `error`. */
  fail(error: HebbError): void;
}

/** Safety margin for deadlines: a batch may take longer than estimated, and its answer takes time to send. */
const CAUTION = 1.5;
const LEAST_MARGIN_MS = 10;

export function createBatcher(options: BatcherOptions): Batcher {
  const { executor, clock, policy, estimate, maxBatchSize, maxQueueSize } = options;
  const queue = createJobQueue();
  let stopTimer = () => {};
  /** Queued images when a free replica began to wait; undefined while none waits. */
  let waitingWith: number | undefined;
  let hurried = false;

  /** When the next batch must start: the delay of the oldest request ends, or a deadline is near. */
  function dueAt(now: number): number {
    const waited = queue.oldest()! + policy.delay(now);
    const compute = estimate.expect(Math.min(queue.images, maxBatchSize));
    const needed = CAUTION * compute + LEAST_MARGIN_MS;
    return queue.jobs.reduce((due, { deadline }) => Math.min(due, deadline - needed), waited);
  }

  function pump(): void {
    stopTimer();
    const now = clock.now();
    while (queue.jobs.length > 0 && executor.idle()) {
      const due = hurried || queue.images >= policy.limit() ? now : dueAt(now);
      if (due > now) {
        waitingWith ??= queue.images;
        stopTimer = clock.after(due - now, pump);
        return;
      }
      if (waitingWith !== undefined) policy.waited(queue.images - waitingWith);
      waitingWith = undefined;
      void dispatch(queue.take(Math.min(policy.limit(), maxBatchSize)));
    }
  }

  async function dispatch(jobs: readonly Job[]): Promise<void> {
    const startedAt = clock.now();
    const images = jobs.reduce((sum, job) => sum + job.images, 0);
    const size = sizeFor(images, options.batchSizes);
    const parts = jobs.map(({ bytes }) => bytes);
    try {
      const { outputs, computeMs } = await executor.run({
        dtype: jobs[0]!.dtype,
        images,
        size,
        parts,
      });
      const queueMs = jobs.map(({ arrivedAt }) => startedAt - arrivedAt);
      estimate.observe(size, computeMs);
      policy.finished(Math.max(...queueMs) + clock.now() - startedAt);
      let first = 0;
      for (const [i, job] of jobs.entries()) {
        const share = slice(outputs, images, first, job.images);
        job.resolve({ outputs: share, queueMs: queueMs[i]!, computeMs });
        first += job.images;
      }
      options.onBatch?.({ images, size, computeMs, queueMs });
    } catch (error) {
      for (const job of jobs) job.reject(error);
    }
  }

  const retryAfterSeconds = () => {
    const batches = Math.ceil(queue.images / maxBatchSize);
    return Math.max(1, Math.ceil((batches * estimate.expect(maxBatchSize)) / 1000));
  };

  function fail(error: HebbError): void {
    for (const job of [...queue.jobs]) {
      queue.remove(job);
      job.reject(error);
    }
  }

  executor.listen({ idle: pump, down: fail });

  return {
    fail,
    hurry() {
      hurried = true;
      pump();
    },
    retryAfterSeconds,
    depth: () => queue.images,
    async submit({ signal, ...submission }) {
      signal?.throwIfAborted();
      const outage = executor.outage();
      if (outage) throw outage;
      if (queue.images + submission.images > maxQueueSize) {
        throw new HebbError('overloaded', `${queue.images} images are already queued.`);
      }
      const now = clock.now();
      const { deadline = Number.POSITIVE_INFINITY } = submission;
      if (deadline <= now) throw tooLate();
      const { promise, resolve, reject } = deferred<Answer>();
      const defaults = { priority: 1 as const, deadline };
      const job: Job = { ...defaults, ...submission, arrivedAt: now, resolve, reject };
      const leave = (error: unknown) => {
        queue.remove(job); // if it is already being computed, its result is discarded
        reject(error);
      };
      const aborted = () => leave(signal?.reason);
      signal?.addEventListener('abort', aborted, { once: true });
      const stopDeadline =
        deadline < Number.POSITIVE_INFINITY
          ? clock.after(deadline - now, () => leave(tooLate()))
          : () => {};
      queue.add(job);
      policy.arrived(now, job.images);
      pump();
      try {
        return await promise;
      } finally {
        signal?.removeEventListener('abort', aborted);
        stopDeadline();
      }
    },
  };
}

const tooLate = () =>
  new HebbError('deadline_exceeded', 'The answer was not ready before the deadline.');
