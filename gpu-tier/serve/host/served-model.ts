/**
 * A model in service: manifest, hosts and batcher.
 * @module
 */

import { HebbError, type Manifest } from '@hebb/model';
import { deferred } from '@hebb/model/node20';
import { readPackage } from '@hebb/packages/folder';
import type { RunnerBackend, RunnerRequest } from '@hebb/tensorflow/backend/create-runner';
import { type BatchReport, createBatcher } from '../batching/batcher.ts';
import type { Clock } from '../batching/clock.ts';
import { createComputeEstimate } from '../batching/estimate.ts';
import { autoDelay, fixedDelay } from '../batching/policy.ts';
import type { Answer, Priority } from '../batching/queue.ts';
import { join } from '../batching/shapes.ts';
import type { ImageType } from './messages.ts';
import { createHostPool } from './pool.ts';
import { startHostProcess } from './process.ts';
import type { RestartReason } from './replica.ts';

export interface ServingOptions extends Omit<RunnerRequest, 'dir'> {
  /** One replica per entry, with the environment variables of its process. */
  readonly replicas: readonly Readonly<Record<string, string>>[];
  readonly maxBatchSize: number;
  readonly batchSizes?: readonly number[];
  /** Milliseconds, or `auto`: learnt from traffic. */
  readonly maxQueueDelay: number | 'auto';
  /** Target of `auto`: ms from the arrival of a request to its answer. */
  readonly latencyTarget: number;
  /** Limit of queued images. */
  readonly maxQueueSize: number;
  /** Growth of a host's memory after which it is replaced, bytes. */
  readonly memoryGrowth: number;
  /** Minimum age before a host is replaced for its memory, ms. */
  readonly minimumLifeMs: number;
}

export interface ServingEvents {
  batch(model: string, report: BatchReport): void;
  restart(model: string, reason: RestartReason, details: string): void;
  down(model: string, error: HebbError): void;
}

/** The images of one request, at most `maxImages`. */
export interface Images {
  readonly dtype: ImageType;
  readonly count: number;
  readonly bytes: Uint8Array;
}

export interface InferOptions {
  readonly priority?: Priority;
  readonly deadline?: number;
  readonly signal?: AbortSignal;
}

export interface ServedModel {
  readonly dir: string;
  readonly manifest: Manifest;
  readonly backend: RunnerBackend;
  /** Precision of the computation; the wasm backend has only float32. */
  readonly precision: 'float32' | 'bfloat16';
  /** Allowed batch sizes, ascending; null if any size is allowed. */
  readonly batchSizes: readonly number[] | null;
  readonly warmUpMs: number;
  /** Limit of images per request: the limit of the queue. */
  readonly maxImages: number;
  isReady(): boolean;
  queueDepth(): number;
  retryAfterSeconds(): number;
  replicas(): { readonly pid: number | undefined; readonly rss: number }[];
  infer(images: Images, options?: InferOptions): Promise<Answer>;
  /** Delays `close` until `work` is done. */
  use<T>(work: () => Promise<T>): Promise<T>;
  /** Queued requests no longer wait to be batched with others. */
  hurry(): void;
  /** Waits for all `use` calls, then ends the hosts. */
  close(): Promise<void>;
}

/** Starts the hosts of the package in `dir`; resolves when all of them are warm. */
export async function serveModel(
  dir: string,
  options: ServingOptions,
  { clock, events }: { readonly clock: Clock; readonly events: ServingEvents },
): Promise<ServedModel> {
  const { manifest } = await readPackage(dir);
  const { name } = manifest;
  const { maxBatchSize, maxQueueSize, maxQueueDelay } = options;
  const replicas = options.replicas.length;
  const { backend, precision } = options;
  const sizes = options.batchSizes && { batchSizes: options.batchSizes };
  const config = { dir, backend, precision, maxBatchSize, ...sizes };
  const pool = createHostPool({
    ...options,
    clock,
    replicas,
    start: (replica) => startHostProcess(config, { env: options.replicas[replica]! }),
    onRestart: (reason, details) => events.restart(name, reason, details),
    onDown: (error) => events.down(name, error),
  });
  const ready = await pool.ready;

  const estimate = createComputeEstimate();
  for (const { size, ms } of ready.timings) estimate.observe(size, ms);
  const batchSizes = ready.batchSizes ?? undefined;
  const { latencyTarget: targetMs } = options;
  const batcher = createBatcher({
    executor: pool,
    clock,
    estimate,
    maxBatchSize,
    maxQueueSize,
    policy:
      maxQueueDelay === 'auto'
        ? autoDelay({ targetMs, maxBatchSize, batchSizes, replicas, estimate })
        : fixedDelay(maxQueueDelay, maxBatchSize),
    batchSizes,
    onBatch: (report) => events.batch(name, report),
  });

  let users = 0;
  const unused = deferred<void>();
  let closing: Promise<void> | undefined;

  return {
    dir,
    manifest,
    backend,
    precision: backend.addon !== undefined && precision === 'bf16' ? 'bfloat16' : 'float32',
    batchSizes: ready.batchSizes,
    warmUpMs: ready.warmUpMs,
    maxImages: maxQueueSize,
    isReady: () => pool.replicas().some(({ pid }) => pid !== undefined),
    queueDepth: () => batcher.depth(),
    retryAfterSeconds: () => batcher.retryAfterSeconds(),
    replicas: () => pool.replicas(),
    async infer({ dtype, count, bytes }, { signal, ...when } = {}) {
      const failed = new AbortController(); // cancels the other parts when one fails
      const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
      const imageBytes = bytes.length / count;
      const parts = [];
      for (let first = 0; first < count; first += maxBatchSize) {
        const images = Math.min(maxBatchSize, count - first);
        const share = bytes.subarray(first * imageBytes, (first + images) * imageBytes);
        parts.push(batcher.submit({ dtype, images, bytes: share, signal: either, ...when }));
      }
      try {
        return join(await Promise.all(parts));
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    },
    async use(work) {
      users++;
      try {
        return await work();
      } finally {
        if (--users === 0 && closing) unused.resolve();
      }
    },
    hurry: () => batcher.hurry(),
    close() {
      batcher.hurry();
      closing ??= (async () => {
        if (users > 0) await unused.promise;
        batcher.fail(new HebbError('shutting_down', 'The model is no longer served.'));
        await pool.close();
      })();
      return closing;
    },
  };
}
