import { Command } from 'commander';
import type { Cli } from './cli.ts';
import { jobsFollowCommand } from './jobs-follow.ts';
import { atJobs, JOBS_TARGET_HELP, type JobsFlags, withJobsTarget } from './jobs-target.ts';
import { integer } from './values.ts';

const EXAMPLES = `
Examples:
  curl --data-binary @photos.zip -H 'Content-Type: application/zip' localhost:8787/v1/jobs
  hebb jobs list
  hebb jobs follow ID --results > results.ndjson
  hebb jobs replay ID       tries again what kept failing
  hebb jobs cancel ID       ends it, and deletes its images and results
${JOBS_TARGET_HELP}`;

/** `hebb jobs`: what became of many images. */
export function jobsCommand(cli: Cli): Command {
  return new Command('jobs')
    .description('list, follow, replay and cancel jobs')
    .addCommand(listCommand(cli))
    .addCommand(showCommand(cli))
    .addCommand(jobsFollowCommand(cli))
    .addCommand(replayCommand(cli))
    .addCommand(cancelCommand(cli))
    .addHelpText('after', EXAMPLES);
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function listCommand(cli: Cli): Command {
  return withJobsTarget(new Command('list'))
    .description('jobs, newest first')
    .option('--limit <n>', 'how many', integer(1, 100), 20)
    .action(async (flags: JobsFlags & { limit: number }) => {
      const { jobTable } = await import('./jobs-text.ts');
      const list = await atJobs(cli, flags, (jobs) => jobs.list({ limit: flags.limit }));
      const { jobs, next } = list;
      const text = jobs.length === 0 ? 'There are no jobs.\n' : jobTable(jobs);
      const more = next === undefined ? '' : '\nThere are older ones: --limit shows more.\n';
      cli.stdout.write(flags.json ? json(list) : text + more);
    });
}

function showCommand(cli: Cli): Command {
  return withJobsTarget(new Command('show'))
    .description('all that is known of a job, dead letters with their reasons')
    .argument('<id>')
    .action(async (id: string, flags: JobsFlags) => {
      const { jobText } = await import('./jobs-text.ts');
      const status = await atJobs(cli, flags, (jobs) => jobs.show(id));
      cli.stdout.write(flags.json ? json(status) : jobText(status));
    });
}

function replayCommand(cli: Cli): Command {
  return withJobsTarget(new Command('replay'))
    .description('try the images of a job that kept failing again')
    .argument('<id>')
    .action(async (id: string, flags: JobsFlags) => {
      const status = await atJobs(cli, flags, (jobs) => jobs.replay(id));
      const count = (status.dead_letters ?? []).reduce((sum, { images }) => sum + images.length, 0);
      const text = `${count} images are tried again: hebb jobs follow ${id}\n`;
      cli.stdout.write(flags.json ? json(status) : text);
    });
}

function cancelCommand(cli: Cli): Command {
  return withJobsTarget(new Command('cancel'))
    .description('end a job, and delete its images and results')
    .argument('<id>')
    .action(async (id: string, flags: JobsFlags) => {
      await atJobs(cli, flags, (jobs) => jobs.cancel(id));
      cli.stdout.write(flags.json ? json({ id, cancelled: true }) : `${id} is gone.\n`);
    });
}
