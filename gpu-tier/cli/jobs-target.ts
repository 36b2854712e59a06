/**
 * What the commands of `hebb jobs` share: which Worker they ask.
 * @module
 */
import type { Command } from 'commander';
import { JobsClient } from '../jobs/client.ts';
import type { Cli } from './cli.ts';
import { address } from './values.ts';

export interface JobsFlags {
  readonly edge?: string;
  readonly json?: boolean;
}

const DEFAULT_EDGE = 'http://localhost:8787';

export const JOBS_TARGET_HELP = `
Without --edge it is the npm start that runs on this machine. Where a key is needed, HEBB_KEY has one
with the scope batch; one with the scope admin sees everybody's jobs.`;

export function withJobsTarget(command: Command): Command {
  return command
    .option('--edge <url>', 'the Worker to ask (default: npm start, where it runs)', address)
    .option('--json', 'print the result as JSON');
}

export async function jobsClient(cli: Cli, { edge }: JobsFlags): Promise<JobsClient> {
  const { stateFolder } = await import('../publish/open-store.ts');
  const { readDoorFile } = await import('../publish/door/file.ts');
  const { env, fetch } = cli;
  const found = edge ?? (await readDoorFile(stateFolder(env)))?.edge ?? DEFAULT_EDGE;
  const { HEBB_KEY: key } = env;
  return new JobsClient({ edge: found, fetch, ...(key && { key }) });
}
