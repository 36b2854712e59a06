import type { Release, Releases } from '@hebb/model';
import { Command } from 'commander';
import type { Cli } from './cli.ts';
import { storeOptions, TARGET_HELP, withRemote } from './publish-target.ts';

interface Flags {
  readonly remote?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  hebb models
  hebb models --remote --json
${TARGET_HELP}`;

/** `hebb models`: the published models, newest first. */
export function modelsCommand(cli: Cli): Command {
  return withRemote(new Command('models'))
    .description('list the published models and mark the current one')
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => run(cli, flags));
}

async function run(cli: Cli, flags: Flags): Promise<void> {
  const { withStore } = await import('@hebb/models/publish/open-store');
  const { readReleases } = await import('@hebb/models/publish/releases');
  const { layOut } = await import('./text.ts');

  const { releases, where } = await withStore(storeOptions(cli, flags.remote), async (store) => ({
    releases: await readReleases(store),
    where: store.description,
  }));
  if (flags.json) {
    cli.stdout.write(`${JSON.stringify(releases, null, 2)}\n`);
    return;
  }
  const titles = ['', 'model', 'version', 'published', ''];
  const columns = titles.map((title) => ({ title, align: 'left' as const }));
  const lines = layOut(columns, rows(releases));
  const { current, before, withdrawn } = releases;
  const none = !current && before.length === 0 && withdrawn.length === 0;
  cli.stdout.write(
    none
      ? `Nothing is published in ${where}: the built-in model is served.\n`
      : `${where}\n\n${lines.join('\n')}\n`,
  );
}

function rows({ current, before, withdrawn }: Releases): string[][] {
  const row = (mark: string, note: string) => (release: Release) => [
    mark,
    release.name,
    release.version.slice(0, 12),
    release.publishedAt.slice(0, 16).replace('T', ' '),
    note,
  ];
  return [
    ...(current ? [row('→', 'current')(current)] : []),
    ...before.map(row('', '')),
    [current ? '' : '→', '(built-in)', '', '', current ? '' : 'current'],
    ...withdrawn.map(row('', 'rolled back')),
  ];
}
