/**
 * The messages between the server and a model host. Tensors are in the bodies of the frames.
 * @module
 */
import type { ErrorCode } from '@hebb/model';
import type { RunnerRequest } from '@hebb/tensorflow/backend/create-runner';

/** Configuration of a host, as JSON on its command line. */
export interface HostConfig extends RunnerRequest {
  /** Batch sizes to run and to warm up; by default the backend's, up to `maxBatchSize`. */
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
  /** Batch size to compute; the host pads with blank images. */
  readonly size: number;
}

/** Measured time of a batch of `size` images after warm-up. */
export interface Timing {
  readonly size: number;
  readonly ms: number;
}

/** The model is loaded and warmed up. */
export interface ReadyMessage {
  readonly type: 'ready';
  /** Allowed batch sizes, ascending; null if any size is allowed. */
  readonly batchSizes: readonly number[] | null;
  readonly warmUpMs: number;
  /** First measurements, for the batching policy. */
  readonly timings: readonly Timing[];
  /** Resident memory of the host, bytes. */
  readonly rss: number;
}

/** Body: float32 probabilities, logits and embedding of the real images, without gaps. */
export interface ResultMessage {
  readonly type: 'result';
  readonly id: number;
  readonly images: number;
  readonly classes: number;
  readonly computeMs: number;
  readonly rss: number;
}

/** A batch failed; without an id, the start failed. */
export interface FailedMessage {
  readonly type: 'failed';
  readonly id?: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

export type HostMessage = ReadyMessage | ResultMessage | FailedMessage;
