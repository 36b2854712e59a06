/**
 * A job as it was asked for. It never changes; what becomes of it lies beside it (keys.ts).
 * @module
 */
import type { EngineName } from '../../shared/model/api/options.ts';
import type { TierWish } from '../routing/result.ts';

export interface Job {
  readonly id: string;
  /** The caller's id: nobody else sees it, but for admins. */
  readonly owner: string;
  /** The request that made it, for logs. */
  readonly requestId: string;
  /** How many; they are numbered from 0 in the order in which they came. */
  readonly images: number;
  /** Images of one message of the queue; the last chunk has what is left. */
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

/** How a job ended; written once, and taken away when dead letters are replayed. */
export interface JobEnd {
  readonly state: 'completed' | 'failed';
  /** Ms since 1970, as all times here. */
  readonly at: number;
}

/** What became of the webhook in the end. */
export interface WebhookEnd {
  readonly state: 'delivered' | 'failed';
  readonly at: number;
  readonly attempts: number;
  readonly reason?: string;
}

/**
 * A chunk is what is kept, retried and sent to the GPU tier together: a sixteenth of the job, so that
 * progress shows, but not so few that the GPU tier's batches would be small.
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
