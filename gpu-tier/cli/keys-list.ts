import { Command } from 'commander';
import { isPast, type KeyRecord } from '../../shared/model/access/key-record.ts';
import type { Cli } from './cli.ts';
import { type KeysTarget, keysOptions, withKeysTarget } from './keys-target.ts';

type Flags = KeysTarget;

export function keysListCommand(cli: Cli): Command {
  return withKeysTarget(new Command('list'))
    .description('list the keys, newest first')
    .action((flags: Flags) => run(cli, flags));
}

async function run(cli: Cli, flags: Flags): Promise<void> {
  const { withKeyStore } = await import('../keys/open-store.ts');
  const { layOut } = await import('./table.ts');

  const { records, where } = await withKeyStore(keysOptions(cli, flags), async (store) => ({
    records: await store.list(),
    where: store.description,
  }));
  records.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  if (flags.json) {
    const shown = records.map(({ secrets, ...record }) => ({ ...record, secrets: secrets.length }));
    cli.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
    return;
  }
  const titles = ['id', 'name', 'scopes', 'made', 'ends', ''];
  const columns = titles.map((title) => ({ title, align: 'left' as const }));
  const now = Date.now();
  const lines = layOut(
    columns,
    records.map((record) => row(record, now)),
  );
  cli.stdout.write(
    records.length === 0 ? `There are no keys in ${where}.\n` : `${where}\n\n${lines.join('\n')}\n`,
  );
}

function row({ id, name, scopes, createdAt, expiresAt, secrets }: KeyRecord, now: number) {
  const [, before] = secrets;
  const rotating = before && !isPast(before.until, now);
  const note = isPast(expiresAt, now)
    ? 'ended'
    : rotating
      ? `rotated, the key before goes on until ${minute(before.until)}`
      : '';
  return [id, name, scopes.join(', '), minute(createdAt), minute(expiresAt), note];
}

/** ISO 8601 as people write it, UTC. */
const minute = (time: string | undefined): string =>
  time === undefined ? 'never' : time.slice(0, 16).replace('T', ' ');
