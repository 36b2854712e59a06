/**
 * What the commands of `hebb jobs` share: which Worker they ask.
 * @module
 */
import type { Command } from 'commander';
import type { JobsClient } from '../../shared/model/client/index.ts';
import type { Cli } from './cli.ts';
import { type EdgeFlags, edgeClient, forTerminal, withEdge } from './edge-target.ts';

export type JobsFlags = EdgeFlags;

export const JOBS_TARGET_HELP = `
Without --edge it is the npm start that runs on this machine. Where a key is needed, HEBB_KEY has one
with the scope batch; one with the scope admin sees everybody's jobs.`;

export const withJobsTarget = (command: Command): Command =>
  withEdge(command).option('--json', 'print the result as JSON');

/** What `work` gives. */
export async function atJobs<T>(
  cli: Cli,
  flags: JobsFlags,
  work: (jobs: JobsClient) => Promise<T>,
): Promise<T> {
  try {
    return await work((await edgeClient(cli, flags)).jobs);
  } catch (error) {
    throw forTerminal(error);
  }
}
