/**
 * What `hebb publish`, `hebb rollback` and `hebb models` share: where they go, and the wait for the
 * Worker.
 * @module
 */
import type { Command } from 'commander';
import { BUILT_IN_SOURCE, HebbError, type Release } from '../../shared/model/index.ts';
import { awaitLive, type Outcome } from '../publish/await-live.ts';
import type { EdgeModel } from '../publish/edge.ts';
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

/** A model that a Worker was seen to serve, or nothing where there was none to ask. */
export type Seen = (Extract<Outcome, { kind: 'live' }> & { readonly edge: string }) | undefined;

/**
 * Waits until the Worker serves `release`; null is the model of its deployment. Undefined when there is no
 * Worker to ask. Throws `not_live` when it refuses it, or goes on with another.
 */
export async function waitForEdge(
  cli: Cli,
  { description, edge: known }: PublishStore,
  flags: TargetFlags,
  release: Release | null,
): Promise<Seen> {
  const edge = flags.edge ?? known;
  if (!flags.wait || !edge) return undefined;
  cli.stderr.write(`Waiting for ${edge}…\n`);
  const timeoutMs = flags.remote ? WAIT_MS.remote : WAIT_MS.local;
  const outcome = await awaitLive(release, {
    edge,
    fetch: cli.fetch,
    now: cli.now,
    timeoutMs,
  });
  if (outcome.kind === 'live') return { ...outcome, edge };
  const moved = `The pointer of ${description} is moved`;
  if (outcome.kind === 'not-yet') {
    const message = `${edge} does not serve ${label(release)} after ${timeoutMs / 1000} s: ${outcome.why}.`;
    throw new HebbError('not_live', message, {
      hint: `${moved}. Ask again: curl ${edge}/v1/models`,
    });
  }
  const message = `${edge} refused it: ${outcome.reason} It goes on with ${label(outcome.serving)}.`;
  throw new HebbError('not_live', message, {
    hint: `${moved}. Run hebb rollback, or publish it again.`,
  });
}

/** The line about the Worker. */
export function seenLine(seen: Seen): string {
  if (!seen) return '  no Worker was asked; all serve it within two minutes\n';
  const { edge, afterMs, serving } = seen;
  const own = serving.source === BUILT_IN_SOURCE ? ', which it was started with' : '';
  return `  live after ${(afterMs / 1000).toFixed(1)} s: ${edge} serves ${label(serving)}${own}\n`;
}

export const label = (model: EdgeModel | null): string =>
  model ? `${model.name} ${model.version.slice(0, 12)}` : 'the built-in model';
