/**
 * What `hebb publish`, `hebb rollback` and `hebb models` share: where they go, and the wait for the
 * Worker.
 * @module
 */
import type { Command } from 'commander';
import { HebbError, type Release } from '../../shared/model/index.ts';
import { awaitLive, type Outcome } from '../publish/await-live.ts';
import type { OpenStoreOptions } from '../publish/open-store.ts';
import type { PublishStore } from '../publish/store.ts';
import type { Cli } from './cli.ts';
import { address } from './values.ts';

export interface TargetFlags {
  readonly remote?: boolean;
  readonly edge?: string;
  readonly wait: boolean;
  readonly json?: boolean;
}

/** A pointer is 15 s old at most in an isolate, 30 s in KV's cache, and takes 60 s around the world. */
const WAIT_MS = { local: 45_000, remote: 120_000 };

export const TARGET_HELP = `
Without --remote it is the local state of npm start, whether that runs or not (HEBB_STATE names
another folder). With --remote it is the bucket and the namespace that wrangler.toml names, in the
account that wrangler is logged in to (npx wrangler login, or CLOUDFLARE_API_TOKEN).`;

export function withRemote(command: Command): Command {
  return command
    .option('--remote', 'in your Cloudflare account, with wrangler’s credentials')
    .option('--json', 'print the result as JSON');
}

export function withTarget(command: Command): Command {
  return withRemote(command)
    .option('--edge <url>', 'the Worker to wait for (default: npm start, where it runs)', address)
    .option('--no-wait', 'end once the pointer is moved');
}

export function storeOptions(cli: Cli, remote = false): OpenStoreOptions {
  const { env, fetch } = cli;
  const onWait = () => cli.stderr.write('Waiting for another publisher to end…\n');
  return { remote, env, fetch, onWait };
}

/**
 * Waits until the Worker serves `release`; null is its built-in model, known by not being
 * `previous`. Undefined when there is nobody to ask. Throws `publish_failed` when it refuses it.
 */
export async function waitForEdge(
  cli: Cli,
  { description, edge: known }: PublishStore,
  flags: TargetFlags,
  { release, previous }: { release: Release | null; previous: Release | null },
): Promise<Outcome | undefined> {
  const edge = flags.edge ?? known;
  if (!flags.wait || !edge || !(release ?? previous)) return undefined;
  cli.stderr.write(`Waiting for ${edge}…\n`);
  const outcome = await awaitLive(release ? { is: release } : { isNot: previous! }, {
    ...{ edge, fetch: cli.fetch, now: cli.now },
    timeoutMs: flags.remote ? WAIT_MS.remote : WAIT_MS.local,
  });
  if (outcome.kind !== 'refused') return outcome;
  const { name, version } = outcome.serving;
  const message = `${edge} refused it: ${outcome.reason} It goes on with ${name} ${version.slice(0, 12)}.`;
  throw new HebbError('publish_failed', message, {
    hint: `The pointer of ${description} is moved. Run hebb rollback, or publish it again.`,
  });
}

/** The line about the Worker. */
export function outcomeLine(outcome: Outcome | undefined): string {
  if (outcome?.kind === 'live') {
    return `  live after ${(outcome.afterMs / 1000).toFixed(1)} s\n`;
  }
  const why = outcome?.kind === 'not-yet' ? ` (${outcome.why})` : '';
  return `  Workers serve it within two minutes${why}\n`;
}

export const label = (release: Release | null): string =>
  release ? `${release.name} ${release.version.slice(0, 12)}` : 'the built-in model';
