/**
 * Shared by `hebb publish`, `hebb rollback` and `hebb models`: the store they use, and the wait for the
 * Worker.
 * @module
 */

import { BUILT_IN_SOURCE, HebbError, type Release } from '@hebb/model';
import { awaitLive, type Outcome } from '@hebb/models/publish/await-live';
import type { EdgeModel } from '@hebb/models/publish/edge';
import type { OpenStoreOptions } from '@hebb/models/publish/open-store';
import type { PublishStore } from '@hebb/models/publish/store';
import { IN_CHECKOUT } from '@hebb/packages/installed';
import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { address } from './values.ts';

export interface TargetFlags {
  readonly remote?: boolean;
  readonly edge?: string;
  readonly wait: boolean;
  readonly json?: boolean;
}

/** An isolate caches the pointer for 15 s, KV for 30 s, and KV takes 60 s to replicate worldwide. */
const WAIT_MS = { local: 45_000, remote: 120_000 };

const INSTALLED_HELP = `
It needs wrangler (npm install wrangler), and runs in a checkout of Hebb, from which the Worker is
deployed.`;

export const TARGET_HELP = `${IN_CHECKOUT ? '' : INSTALLED_HELP}
The default store is the local state of npm start, whether it runs or not (HEBB_STATE names another
folder). With --remote it is the bucket and the namespace of wrangler.toml, in the account that
wrangler is logged in to (npx wrangler login, or CLOUDFLARE_API_TOKEN).`;

export function withRemote(command: Command): Command {
  return command
    .option('--remote', 'use your Cloudflare account, with wrangler’s credentials')
    .option('--json', 'print the result as JSON');
}

export function withTarget(command: Command): Command {
  return withRemote(command)
    .option('--edge <url>', 'Worker to wait for (default: the one on this machine)', address)
    .option('--no-wait', 'do not wait for the Worker');
}

export function storeOptions(cli: Cli, remote = false): OpenStoreOptions {
  const { env, fetch } = cli;
  const onWait = () => cli.stderr.write('Waiting for another publisher to finish…\n');
  return { remote, env, fetch, onWait };
}

/** The model that a Worker was seen to serve; undefined when no Worker was asked. */
export type Seen = (Extract<Outcome, { kind: 'live' }> & { readonly edge: string }) | undefined;

/**
 * Waits until the Worker serves `release`; null stands for the model of its deployment. Returns
 * undefined when there is no Worker to ask. Throws `not_live` when the Worker refuses the release or
 * still serves another one after the time limit.
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
  const message = `${edge} refused it: ${outcome.reason} It still serves ${label(outcome.serving)}.`;
  throw new HebbError('not_live', message, {
    hint: `${moved}. Run hebb rollback, or publish it again.`,
  });
}

/** The output line about the Worker. */
export function seenLine(seen: Seen): string {
  if (!seen) return '  no Worker was asked; all Workers serve it within two minutes\n';
  const { edge, afterMs, serving } = seen;
  const own = serving.source === BUILT_IN_SOURCE ? ', which it was started with' : '';
  return `  live after ${(afterMs / 1000).toFixed(1)} s: ${edge} serves ${label(serving)}${own}\n`;
}

export const label = (model: EdgeModel | null): string =>
  model ? `${model.name} ${model.version.slice(0, 12)}` : 'the built-in model';
