import { Command } from 'commander';
import type { Cli } from './cli.ts';
import { type KeysTarget, keysOptions, takesEffect, withKeysTarget } from './keys-target.ts';

type Flags = KeysTarget;

export function keysRevokeCommand(cli: Cli): Command {
  return withKeysTarget(new Command('revoke'))
    .description('end a key, all its secrets with it')
    .argument('<id>', 'its id, or the first characters')
    .action((id: string, flags: Flags) => run(cli, id, flags));
}

async function run(cli: Cli, id: string, flags: Flags): Promise<void> {
  const { findKey } = await import('../keys/keys.ts');
  const { withKeyStore } = await import('../keys/open-store.ts');

  const { record, where } = await withKeyStore(keysOptions(cli, flags), async (store) => {
    const record = findKey(await store.list(), id);
    await store.remove(record.id);
    return { record, where: store.description };
  });
  const { secrets: _, ...shown } = record;
  cli.stdout.write(
    flags.json
      ? `${JSON.stringify({ revoked: shown }, null, 2)}\n`
      : `Key ${record.id} (${record.name}) is revoked in ${where}.\n${takesEffect(flags)}\n`,
  );
}
