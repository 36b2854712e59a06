import { Command } from 'commander';
import type { Cli } from './cli.ts';
import { takesEffect } from './keys-create.ts';
import { storeOptions, withRemote } from './publish-target.ts';

interface Flags {
  readonly remote?: boolean;
  readonly json?: boolean;
}

export function keysRevokeCommand(cli: Cli): Command {
  return withRemote(new Command('revoke'))
    .description('end a key, all its secrets with it')
    .argument('<id>', 'its id, or the first characters')
    .action((id: string, flags: Flags) => run(cli, id, flags));
}

async function run(cli: Cli, id: string, { remote, json }: Flags): Promise<void> {
  const { findKey } = await import('../keys/keys.ts');
  const { withKeyStore } = await import('../keys/open-store.ts');

  const { record, where } = await withKeyStore(storeOptions(cli, remote), async (store) => {
    const record = findKey(await store.list(), id);
    await store.remove(record.id);
    return { record, where: store.description };
  });
  const { secrets: _, ...shown } = record;
  cli.stdout.write(
    json
      ? `${JSON.stringify({ revoked: shown }, null, 2)}\n`
      : `Key ${record.id} (${record.name}) is revoked in ${where}.\n${takesEffect(remote)}\n`,
  );
}
