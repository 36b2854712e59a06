import { Command } from 'commander';
import type { JobStatus, JobsClient } from '../../shared/model/client/index.ts';
import { HebbError } from '../../shared/model/errors.ts';
import type { Cli } from './cli.ts';
import { atJobs, type JobsFlags, withJobsTarget } from './jobs-target.ts';

interface Flags extends JobsFlags {
  readonly results?: boolean;
}

/** `hebb jobs follow`: progress until the end; exit code 1 when images kept failing. */
export function jobsFollowCommand(cli: Cli): Command {
  return withJobsTarget(new Command('follow'))
    .description('follow a job to its end')
    .argument('<id>')
    .option('--results', 'print the results as they come: NDJSON, a line for each image in order')
    .action((id: string, flags: Flags) => run(cli, id, flags));
}

async function run(cli: Cli, id: string, flags: Flags): Promise<void> {
  const { jobText } = await import('./jobs-text.ts');

  const { stderr, stdout } = cli;
  const status = await atJobs(cli, flags, (jobs) => follow(cli, jobs, id, flags));
  if (flags.json && !flags.results) stdout.write(`${JSON.stringify(status, null, 2)}\n`);
  else (flags.results ? stderr : stdout).write(jobText(status));
  if (status.state !== 'failed') return;
  throw new HebbError('job_failed', `${status.images.dead} images of the job kept failing.`, {
    hint: `hebb jobs replay ${id} tries them again.`,
  });
}

/** The job's last status. */
async function follow(cli: Cli, jobs: JobsClient, id: string, flags: Flags): Promise<JobStatus> {
  const { startProgress } = await import('./progress.ts');

  const { stderr, stdout, now } = cli;
  let status = await jobs.show(id);
  const { total } = status.images;
  const progress = startProgress({ label: 'job', total, unit: 'images', stream: stderr, now });
  try {
    for await (const update of jobs.follow(id, flags.results ? { offset: 0 } : {})) {
      status = update.status;
      progress.update(status.images.done);
      for (const line of update.lines) stdout.write(`${JSON.stringify(line)}\n`);
    }
  } finally {
    progress.finish();
  }
  return status;
}
