import { Command } from 'commander';
import type { Cli } from './cli.ts';
import { printKey } from './keys-create.ts';
import { type KeysTarget, keysOptions, takesEffect, withKeysTarget } from './keys-target.ts';
import { duration } from './values.ts';

interface Flags extends KeysTarget {
  readonly overlap: number;
  readonly expires?: number;
}

const DAY_MS = 86_400_000;

export function keysRotateCommand(cli: Cli): Command {
  return withKeysTarget(new Command('rotate'))
    .description('make a new key in place of one, which goes on for a while')
    .argument('<id>', 'its id, or the first characters')
    .option('--overlap <time>', 'how long the old key goes on (24h); 0s ends it', duration, DAY_MS)
    .option('--expires <time>', 'the new key ends after that time', duration)
    .action((id: string, flags: Flags) => run(cli, id, flags));
}

async function run(cli: Cli, id: string, flags: Flags): Promise<void> {
  const { findKey, rotateKey } = await import('../keys/keys.ts');
  const { withKeyStore } = await import('../keys/open-store.ts');

  const { overlap: overlapMs, expires } = flags;
  const life = expires === undefined ? {} : { lifeMs: expires };
  const { made, where } = await withKeyStore(keysOptions(cli, flags), async (store) => {
    const record = findKey(await store.list(), id);
    const made = await rotateKey(record, { overlapMs, ...life }, new Date());
    await store.put(made.record);
    return { made, where: store.description };
  });
  const until = made.record.secrets[1]?.until;
  printKey(cli, made, flags.json, [
    `Key ${made.record.id} has a new secret in ${where}. It is shown this once.`,
    until ? `The one before goes on until ${until}.` : 'The one before is no longer good.',
    takesEffect(flags),
  ]);
}
