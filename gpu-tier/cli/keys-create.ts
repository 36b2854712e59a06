import { Command, InvalidArgumentError } from 'commander';
import { isScope, SCOPES, type Scope } from '../../shared/model/access/scopes.ts';
import type { MadeKey } from '../keys/keys.ts';
import type { Cli } from './cli.ts';
import { type KeysTarget, keysOptions, takesEffect, withKeysTarget } from './keys-target.ts';
import { duration } from './values.ts';

interface Flags extends KeysTarget {
  readonly name: string;
  readonly scope: Scope[];
  readonly expires?: number;
}

/** With 3 secrets and a name of this length a record stays under KV's 1024 bytes of metadata. */
const LONGEST_NAME = 60;

export function keysCreateCommand(cli: Cli): Command {
  return withKeysTarget(new Command('create'))
    .description('make a key and print it')
    .requiredOption('--name <text>', 'whose key it is', nameOption)
    .option('--scope <scope>', `${SCOPES.join(', ')}; several times for several`, scopeOption, [])
    .option('--expires <time>', 'ends after 24h, 90d, …; never without this', duration)
    .action((flags: Flags) => run(cli, flags));
}

async function run(cli: Cli, flags: Flags): Promise<void> {
  const { name, scope, expires, json } = flags;
  const { createKey } = await import('../keys/keys.ts');
  const { withKeyStore } = await import('../keys/open-store.ts');

  const scopes: Scope[] = scope.length > 0 ? scope : ['classify'];
  const life = expires === undefined ? {} : { lifeMs: expires };
  const made = await createKey({ name, scopes, ...life }, new Date());
  const where = await withKeyStore(keysOptions(cli, flags), async (store) => {
    await store.put(made.record);
    return store.description;
  });
  printKey(cli, made, json, [
    `Key ${made.record.id} for ${scopes.join(', ')} is stored in ${where}.`,
    'It is shown this once. Send it as Authorization: Bearer KEY.',
    takesEffect(flags),
  ]);
}

/** The key alone on stdout, so that it can be put into a variable; the rest goes to stderr. */
export function printKey(cli: Cli, made: MadeKey, json = false, notes: readonly string[]): void {
  const { key, record } = made;
  const { secrets: _, ...shown } = record;
  cli.stdout.write(json ? `${JSON.stringify({ key, ...shown }, null, 2)}\n` : `${key}\n`);
  cli.stderr.write(`${notes.join('\n')}\n`);
}

function nameOption(text: string): string {
  if (text.trim() !== '' && text.length <= LONGEST_NAME) return text.trim();
  throw new InvalidArgumentError(`Give 1 to ${LONGEST_NAME} characters.`);
}

function scopeOption(text: string, before: Scope[]): Scope[] {
  if (isScope(text)) return before.includes(text) ? before : [...before, text];
  throw new InvalidArgumentError(`Give one of ${SCOPES.join(', ')}.`);
}
