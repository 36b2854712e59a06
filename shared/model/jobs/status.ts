/**
 * What the API tells of a job: the Worker writes it, clients read it. The types come from the schemas
 * of the API.
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
