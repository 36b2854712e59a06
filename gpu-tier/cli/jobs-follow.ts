import { Command } from 'commander';
import { HebbError } from '../../shared/model/errors.ts';
import type { Cli } from './cli.ts';
import { type JobsFlags, jobsClient, withJobsTarget } from './jobs-target.ts';

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
  const { followJob } = await import('../jobs/follow.ts');
  const { jobText } = await import('./jobs-text.ts');
  const { startProgress } = await import('./progress.ts');

  const client = await jobsClient(cli, flags);
  const { total } = (await client.show(id)).images;
  const { stderr, stdout, now } = cli;
  const progress = startProgress({ label: 'job', total, unit: 'images', stream: stderr, now });
  const status = await followJob(client, id, {
    onStatus: ({ images }) => progress.update(images.done),
    ...(flags.results && { onResults: (ndjson: string) => stdout.write(ndjson) }),
  }).finally(() => progress.finish());
  if (flags.json && !flags.results) stdout.write(`${JSON.stringify(status, null, 2)}\n`);
  else (flags.results ? stderr : stdout).write(jobText(status));
  if (status.state !== 'failed') return;
  throw new HebbError('job_failed', `${status.images.dead} images of the job kept failing.`, {
    hint: `hebb jobs replay ${id} tries them again.`,
  });
}
