import type { Release } from '@hebb/model';
import { Command } from 'commander';
import type { Cli } from './cli.ts';
import {
  label,
  type Seen,
  seenLine,
  storeOptions,
  TARGET_HELP,
  type TargetFlags,
  waitForEdge,
  withTarget,
} from './publish-target.ts';

interface Flags extends TargetFlags {
  readonly to?: string;
}

const EXAMPLES = `
Examples:
  hebb rollback
      to the release before; to the built-in model if there was none
  hebb rollback --to 4dff01ce
      to that version: an older one, or one that was rolled back
  hebb rollback --to built-in --remote

Nothing is deployed and nothing is deleted: only the pointer moves. hebb models lists the versions.
${TARGET_HELP}`;

/** `hebb rollback`: moves the pointer back. */
export function rollbackCommand(cli: Cli): Command {
  return withTarget(new Command('rollback'))
    .description('go back to the model that was live before')
    .option('--to <version>', 'first characters of a published version, or built-in')
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => run(cli, flags));
}

async function run(cli: Cli, flags: Flags): Promise<void> {
  const { withStore } = await import('@hebb/models/publish/open-store');
  const { readReleases, withoutRelease, writeReleases } = await import(
    '@hebb/models/publish/releases'
  );

  const { moved, store } = await withStore(storeOptions(cli, flags.remote), async (store) => {
    const releases = await readReleases(store);
    const changed = withoutRelease(releases, flags.to);
    await writeReleases(store, releases, changed);
    return { moved: { release: changed.current, previous: releases.current }, store };
  });
  const seen = await waitForEdge(cli, store, flags, moved.release);
  if (flags.json) {
    cli.stdout.write(`${JSON.stringify({ ...moved, edge: seen }, null, 2)}\n`);
    return;
  }
  const now = moved.release
    ? `${label(moved.release)} is current in ${store.description}`
    : `no published model is current in ${store.description}: Workers serve what they were started with`;
  cli.stdout.write(`${now}
  ${label(moved.previous)} was, and stays stored
${seenLine(seen)}${sameNote(seen, moved.previous)}`);
}

/** A note for an `npm start` whose own model is the one that was rolled back. */
function sameNote(seen: Seen, previous: Release | null): string {
  if (!seen || seen.serving.version !== previous?.version) return '';
  return `  this is the same model as before: npm start -- --model ${previous.name} starts with it, so a rollback
  ends there too; npm start -- --model NAME starts with another one
`;
}
