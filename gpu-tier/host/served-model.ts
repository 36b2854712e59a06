/**
 * One model that is being served: its manifest, its hosts, its batcher.
 * @module
 */
import { HebbError, type Manifest } from '../../shared/model/index.ts';
import type { RunnerBackend, RunnerRequest } from '../backend/create-runner.ts';
import { type BatchReport, createBatcher } from '../batching/batcher.ts';
import type { Clock } from '../batching/clock.ts';
import { createComputeEstimate } from '../batching/estimate.ts';
import { autoDelay, fixedDelay } from '../batching/policy.ts';
import type { Answer, Priority } from '../batching/queue.ts';
import { join } from '../batching/shapes.ts';
import { readPackage } from '../packages/folder.ts';
import type { ImageType } from './messages.ts';
import { createHostPool } from './pool.ts';
import { startHostProcess } from './process.ts';
import type { RestartReason } from './replica.ts';

export interface ServingOptions extends Omit<RunnerRequest, 'dir'> {
  /** One replica per entry: what its process gets into its environment. */
  readonly replicas: readonly Readonly<Record<string, string>>[];
  readonly maxBatchSize: number;
  readonly batchSizes?: readonly number[];
  /** Milliseconds, or learnt from traffic. */
  readonly maxQueueDelay: number | 'auto';
  /** What `auto` keeps to: ms from a request's arrival to its answer. */
  readonly latencyTarget: number;
  /** Most images that may wait. */
  readonly maxQueueSize: number;
  /** Bytes by which a host may grow before it is replaced. */
  readonly memoryGrowth: number;
  /** A host younger than this is not replaced for its size: ms. */
  readonly minimumLifeMs: number;
}

export interface ServingEvents {
  batch(model: string, report: BatchReport): void;
  restart(model: string, reason: RestartReason, details: string): void;
  down(model: string, error: HebbError): void;
}

/** The images of one request, `maxImages` at most. */
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
  /** Null when any size will do. */
  /** What it really computes in; the wasm backend knows float32 only. */
  readonly precision: 'float32' | 'bfloat16';
  readonly batchSizes: readonly number[] | null;
  readonly warmUpMs: number;
  /** Most images in one request: as many as may wait. */
  readonly maxImages: number;
  isReady(): boolean;
  queueDepth(): number;
  retryAfterSeconds(): number;
  replicas(): { readonly pid: number | undefined; readonly rss: number }[];
  infer(images: Images, options?: InferOptions): Promise<Answer>;
  /** Keeps the model from being closed until `work` is done. */
  use<T>(work: () => Promise<T>): Promise<T>;
  /** Requests in line wait for no others any more. */
  hurry(): void;
  /** Waits for those who use it, then ends the hosts. */
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
  const unused = Promise.withResolvers<void>();
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
      const failed = new AbortController(); // one part fails: the others are called off
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
