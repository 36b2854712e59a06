import type { JobsClient } from '@hebb/client';
import { HebbError } from '@hebb/model/errors';
import type { JobStatus, WebhookStatus } from '@hebb/protocol/jobs/status';
import { Command } from 'commander';
import type { Cli } from './cli.ts';
import { type EdgeFlags, edgeClient, forTerminal, withEdge } from './edge-target.ts';
import { duration, startProgress } from './progress.ts';
import { layOut } from './text.ts';
import { integer } from './values.ts';

const EXAMPLES = `
Examples:
  curl --data-binary @photos.zip -H 'Content-Type: application/zip' localhost:8787/v1/jobs
  hebb jobs list
  hebb jobs follow ID --results > results.ndjson
  hebb jobs replay ID       retry the images that kept failing
  hebb jobs cancel ID       end the job and delete its images and results

The default Worker is the one that runs on this machine; --edge names another. If the Worker
needs a key, set HEBB_KEY to one with the scope batch; the scope admin shows the jobs of all keys.`;

/** `hebb jobs`: batch jobs of a Worker. */
export function jobsCommand(cli: Cli): Command {
  return new Command('jobs')
    .description('list, follow, replay and cancel jobs')
    .addCommand(listCommand(cli))
    .addCommand(showCommand(cli))
    .addCommand(followCommand(cli))
    .addCommand(replayCommand(cli))
    .addCommand(cancelCommand(cli))
    .addHelpText('after', EXAMPLES);
}

const withTarget = (command: Command): Command =>
  withEdge(command).option('--json', 'print the result as JSON');

/** Runs `work` on the Worker's jobs; errors get hints for the terminal. */
async function atJobs<T>(
  cli: Cli,
  flags: EdgeFlags,
  work: (jobs: JobsClient) => Promise<T>,
): Promise<T> {
  try {
    return await work((await edgeClient(cli, flags)).jobs);
  } catch (error) {
    throw forTerminal(error);
  }
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function listCommand(cli: Cli): Command {
  return withTarget(new Command('list'))
    .description('list jobs, newest first')
    .option('--limit <n>', 'largest number of jobs', integer(1, 100), 20)
    .action(async (flags: EdgeFlags & { limit: number }) => {
      const list = await atJobs(cli, flags, (jobs) => jobs.list({ limit: flags.limit }));
      const { jobs, next } = list;
      const text = jobs.length === 0 ? 'There are no jobs.\n' : jobTable(jobs);
      const more = next === undefined ? '' : '\nThere are older ones: --limit shows more.\n';
      cli.stdout.write(flags.json ? json(list) : text + more);
    });
}

function showCommand(cli: Cli): Command {
  return withTarget(new Command('show'))
    .description('show a job, and its dead letters with their reasons')
    .argument('<id>')
    .action(async (id: string, flags: EdgeFlags) => {
      const status = await atJobs(cli, flags, (jobs) => jobs.show(id));
      cli.stdout.write(flags.json ? json(status) : jobText(status));
    });
}

function replayCommand(cli: Cli): Command {
  return withTarget(new Command('replay'))
    .description('retry the images of a job that kept failing')
    .argument('<id>')
    .action(async (id: string, flags: EdgeFlags) => {
      const status = await atJobs(cli, flags, (jobs) => jobs.replay(id));
      const count = (status.dead_letters ?? []).reduce((sum, { images }) => sum + images.length, 0);
      const text = `${count} images are tried again: hebb jobs follow ${id}\n`;
      cli.stdout.write(flags.json ? json(status) : text);
    });
}

function cancelCommand(cli: Cli): Command {
  return withTarget(new Command('cancel'))
    .description('end a job, and delete its images and results')
    .argument('<id>')
    .action(async (id: string, flags: EdgeFlags) => {
      await atJobs(cli, flags, (jobs) => jobs.cancel(id));
      cli.stdout.write(flags.json ? json({ id, cancelled: true }) : `${id} is gone.\n`);
    });
}

interface FollowFlags extends EdgeFlags {
  readonly results?: boolean;
}

/** `hebb jobs follow`: progress until the job ends; exit code 1 when images kept failing. */
function followCommand(cli: Cli): Command {
  return withTarget(new Command('follow'))
    .description('follow a job to its end')
    .argument('<id>')
    .option('--results', 'print results as they arrive: NDJSON, one line per image, in order')
    .action(async (id: string, flags: FollowFlags) => {
      const { stderr, stdout } = cli;
      const status = await atJobs(cli, flags, (jobs) => follow(cli, jobs, id, flags));
      if (flags.json && !flags.results) stdout.write(json(status));
      else (flags.results ? stderr : stdout).write(jobText(status));
      if (status.state !== 'failed') return;
      throw new HebbError('job_failed', `${status.images.dead} images of the job kept failing.`, {
        hint: `hebb jobs replay ${id} tries them again.`,
      });
    });
}

/** Shows progress until the job ends; returns its last status. */
async function follow(
  cli: Cli,
  jobs: JobsClient,
  id: string,
  flags: FollowFlags,
): Promise<JobStatus> {
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

function jobTable(jobs: readonly JobStatus[]): string {
  const columns = [
    ...['job', 'made', 'state'].map((title) => ({ title, align: 'left' as const })),
    ...['images', 'done', 'failed', 'dead'].map((title) => ({ title, align: 'right' as const })),
    { title: 'left', align: 'left' as const },
  ];
  const rows = jobs.map(({ id, created_at, state, images, eta_seconds }) => [
    id,
    created_at.slice(0, 16).replace('T', ' '),
    state,
    ...[images.total, images.done, images.failed, images.dead].map(String),
    eta_seconds === undefined ? '' : duration(eta_seconds),
  ]);
  return `${layOut(columns, rows).join('\n')}\n`;
}

function jobText(status: JobStatus): string {
  const { id, state, images, tiers, webhook, dead_letters = [] } = status;
  const { total, done, succeeded, failed, dead } = images;
  const lines = [
    `${id}  ${state}`,
    `  images   ${done} of ${total} done: ${succeeded} classified, ${failed} failed, ${dead} dead`,
    `  tiers    ${tiers.edge} edge, ${tiers.gpu} gpu`,
    `  made     ${status.created_at}`,
    ...(status.ended_at ? [`  ended    ${status.ended_at}`] : []),
    ...(status.eta_seconds === undefined ? [] : [`  left     ${duration(status.eta_seconds)}`]),
    `  kept to  ${status.expires_at}`,
    ...(webhook ? [`  webhook  ${webhookText(webhook)}`] : []),
    ...dead_letters.map(
      ({ chunk, images, attempts, error, replaying }) =>
        `  dead     chunk ${chunk}, ${images.length} images after ${attempts} attempts` +
        `${replaying ? ', being retried' : ''}: ${error.code}: ${error.message}`,
    ),
    ...(dead > 0 ? [`  → hebb jobs replay ${id}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function webhookText({ url, state, attempts, reason }: WebhookStatus): string {
  const after =
    attempts === undefined ? '' : ` after ${attempts} attempt${attempts === 1 ? '' : 's'}`;
  return `${state}${state === 'waiting' ? '' : after}: ${url}${reason ? ` (${reason})` : ''}`;
}
