/**
 * Follows a job to its end.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { HebbError } from '../../shared/model/errors.ts';
import { hasEnded, type JobStatus } from '../../shared/model/jobs/status.ts';
import type { JobsClient } from './client.ts';

export interface FollowOptions {
  readonly onStatus: (status: JobStatus) => void;
  /** Given the results as they come, in order, each line once. */
  readonly onResults?: (ndjson: string) => void;
  readonly intervalMs?: number;
}

/** How often in a row the Worker may give no answer. */
const PATIENCE = 30;

/** The job's last status. Waits for a Worker that restarts. */
export async function followJob(
  client: JobsClient,
  id: string,
  { onStatus, onResults, intervalMs = 1000 }: FollowOptions,
): Promise<JobStatus> {
  let offset = 0;
  let missed = 0;
  for (;;) {
    const status = await client.show(id).catch((error: unknown) => {
      const away = error instanceof HebbError && error.code === 'download_failed';
      if (!away || ++missed > PATIENCE) throw error;
    });
    if (!status) {
      await sleep(intervalMs);
      continue;
    }
    missed = 0;
    onStatus(status);
    if (onResults) {
      const { text, next } = await client.results(id, offset);
      if (text !== '') onResults(text);
      offset = next;
    }
    if (hasEnded(status.state)) return status;
    await sleep(intervalMs);
  }
}
