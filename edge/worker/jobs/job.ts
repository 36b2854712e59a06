/**
 * A job as it was requested. It never changes; its progress is stored in objects beside it (keys.ts).
 * @module
 */
import type { EngineName } from '@hebb/protocol/api/options';
import type { TierWish } from '../routing/result.ts';
import type { LineError } from './line.ts';

export interface Job {
  readonly id: string;
  /** The caller's id: only this caller and admins see the job. */
  readonly owner: string;
  /** The request that made it, for logs. */
  readonly requestId: string;
  /** Number of images; they are numbered from 0 in order of arrival. */
  readonly images: number;
  /** Images of one queue message; the last chunk may have fewer. */
  readonly chunkSize: number;
  readonly options: JobOptions;
  readonly webhook?: string;
  /** SHA-256 of caller and Idempotency-Key. */
  readonly idempotency?: string;
}

export interface JobOptions {
  readonly top: number;
  readonly engine: EngineName;
  readonly tier: TierWish;
  readonly escalateBelow?: number;
}

/** How a job ended; written once, deleted when its dead letters are replayed. */
export interface JobEnd {
  readonly state: 'completed' | 'failed';
  /** Ms since 1970, as all times here. */
  readonly at: number;
}

/** How the delivery of the webhook ended. */
export interface WebhookEnd {
  readonly state: 'delivered' | 'failed';
  readonly at: number;
  readonly attempts: number;
  readonly reason?: string;
}

/** Images of a chunk that failed for good. */
export interface DeadLetter {
  readonly images: readonly number[];
  readonly error: LineError;
  readonly attempts: number;
  readonly at: number;
  /** Set while the images are tried again. */
  readonly replaying?: true;
}

/**
 * The images that are stored, retried and sent to the GPU tier together: a sixteenth of the job, to show
 * progress, but at least 16, for large batches at the GPU tier.
 */
export const chunkSizeFor = (images: number): number =>
  Math.min(64, Math.max(16, Math.ceil(images / 16)));

export const chunkCount = ({ images, chunkSize }: Job): number => Math.ceil(images / chunkSize);

/** Indices of the images of a chunk. */
export function chunkIndices({ images, chunkSize }: Job, chunk: number): number[] {
  const start = chunk * chunkSize;
  const length = Math.max(0, Math.min(chunkSize, images - start));
  return Array.from({ length }, (_, i) => start + i);
}
