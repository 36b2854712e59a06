/**
 * Types of a job's status, from the API's schemas, without loading zod.
 * @module
 */
import type { JobState } from '../api/job.ts';

export type {
  DeadLetterStatus,
  JobCounts,
  JobEvent,
  JobList,
  JobState,
  JobStatus,
  WebhookStatus,
} from '../api/job.ts';

export const hasEnded = (state: JobState): boolean => state === 'completed' || state === 'failed';
