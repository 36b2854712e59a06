/**
 * What the API tells of a job: the Worker writes it, the command line reads it.
 * @module
 */
import type { ErrorBody } from '../errors.ts';

/**
 *     queued      nothing is done yet
 *     running     some of it is
 *     completed   every image has its line; a broken image's line says so
 *     failed      as completed, but some images could not be worked on: `hebb jobs replay` tries again
 */
export type JobState = 'queued' | 'running' | 'completed' | 'failed';

export const hasEnded = (state: JobState): boolean => state === 'completed' || state === 'failed';

export interface JobStatus {
  readonly id: string;
  readonly state: JobState;
  /** Times are ISO 8601, UTC. */
  readonly created_at: string;
  readonly ended_at?: string;
  /** When job and results are deleted. */
  readonly expires_at: string;
  readonly images: JobCounts;
  /** Done of total, 0 to 1. */
  readonly progress: number;
  /** At the pace so far; left out while there is none. */
  readonly eta_seconds?: number;
  /** How many images each tier has classified. */
  readonly tiers: { readonly edge: number; readonly gpu: number };
  readonly options: Readonly<Record<string, string | number>>;
  readonly webhook?: WebhookStatus;
  /** What kept failing, and why. */
  readonly dead_letters?: readonly DeadLetterStatus[];
  readonly links: { readonly self: string; readonly results: string };
}

export interface JobCounts {
  readonly total: number;
  /** Those with a line in the results. */
  readonly done: number;
  readonly succeeded: number;
  /** Images that cannot be classified, as a broken file; trying again changes nothing. */
  readonly failed: number;
  /** Images whose work kept failing. */
  readonly dead: number;
}

export interface WebhookStatus {
  readonly url: string;
  readonly state: 'waiting' | 'delivered' | 'failed';
  readonly attempts?: number;
  readonly at?: string;
  /** Why it failed. */
  readonly reason?: string;
}

export interface DeadLetterStatus {
  readonly chunk: number;
  /** Indices of the images. */
  readonly images: readonly number[];
  readonly error: ErrorBody['error'];
  readonly attempts: number;
  readonly at: string;
  /** That it is being tried again. */
  readonly replaying?: true;
}

/** `GET /v1/jobs`, newest first. */
export interface JobList {
  readonly jobs: readonly JobStatus[];
  /** For `?after=`, when there are more. */
  readonly next?: string;
}

/** The body of a webhook, as standardwebhooks.com has it. */
export interface JobEvent {
  readonly type: 'job.completed' | 'job.failed';
  readonly timestamp: string;
  readonly data: JobStatus;
}
