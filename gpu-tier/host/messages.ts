/**
 * What the server and a model host say to each other. Tensors travel in the frames' bodies.
 * @module
 */
import type { ErrorCode } from '../../shared/model/index.ts';
import type { RunnerRequest } from '../backend/create-runner.ts';

/** What a host is started with, as JSON on its command line. */
export interface HostConfig extends RunnerRequest {
  /** Batch sizes to run, and to warm up; the backend's own choice up to `maxBatchSize` if absent. */
  readonly batchSizes?: readonly number[];
  readonly maxBatchSize: number;
}

export type ImageType = 'uint8' | 'float32';

/** Run a batch. Body: the images, uint8 pixels or float32 normalised values, [images, s, s, 3]. */
export interface RunMessage {
  readonly type: 'run';
  readonly id: number;
  readonly dtype: ImageType;
  readonly images: number;
  /** The batch size to compute with: the host fills up with blank images. */
  readonly size: number;
}

/** How long a batch of so many images took once its shape was known. */
export interface Timing {
  readonly size: number;
  readonly ms: number;
}

/** The model is loaded and warmed up. */
export interface ReadyMessage {
  readonly type: 'ready';
  /** Allowed batch sizes, ascending; null when any will do. */
  readonly batchSizes: readonly number[] | null;
  readonly warmUpMs: number;
  /** What batches cost, for those who plan them before any was run. */
  readonly timings: readonly Timing[];
  /** Resident memory of the host, bytes. */
  readonly rss: number;
}

/** Body: float32 probabilities, logits and embedding of the real images, back to back. */
export interface ResultMessage {
  readonly type: 'result';
  readonly id: number;
  readonly images: number;
  readonly classes: number;
  readonly computeMs: number;
  readonly rss: number;
}

/** A batch failed, or, without an id, the start. */
export interface FailedMessage {
  readonly type: 'failed';
  readonly id?: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

export type HostMessage = ReadyMessage | ResultMessage | FailedMessage;
