import { resolve } from 'node:path';
import type { MadeKey } from '@hebb/models/keys/keys';
import type { OpenKeysOptions } from '@hebb/models/keys/open-store';
import { isPast, type KeyRecord } from '@hebb/protocol/access/key-record';
import { isScope, SCOPES, type Scope } from '@hebb/protocol/access/scopes';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Cli } from './cli.ts';
import { storeOptions, TARGET_HELP, withRemote } from './publish-target.ts';
import { layOut } from './text.ts';
import { duration } from './values.ts';

const EXAMPLES = `
Examples:
  KEY=$(hebb keys create --name "the shop" --scope classify --scope batch)
  curl -H "Authorization: Bearer $KEY" --data-binary @photo.jpg localhost:8787/v1/classify
  hebb keys list
  hebb keys rotate 3f9a --overlap 7d     make a new key; the old one stays valid for a week
  hebb keys revoke 3f9a
  hebb keys create --name "Triton's client" --file keys.json      for hebb serve --keys keys.json

Only the SHA-256 of a key is stored: the key itself is shown once.
${TARGET_HELP}`;

/** `hebb keys`: API keys of clients. */
export function keysCommand(cli: Cli): Command {
  return new Command('keys')
    .description('make, list, rotate and revoke API keys')
    .addCommand(createCommand(cli))
    .addCommand(listCommand(cli))
    .addCommand(rotateCommand(cli))
    .addCommand(revokeCommand(cli))
    .addHelpText('after', EXAMPLES);
}

/** Keys live in the store that `hebb publish` uses, or in a file. */
interface Target {
  readonly remote?: boolean;
  readonly file?: string;
  readonly json?: boolean;
}

const withTarget = (command: Command): Command =>
  withRemote(command).addOption(
    new Option(
      '--file <path>',
      'keep the keys in a file, for GPU tiers (hebb serve --keys)',
    ).conflicts('remote'),
  );

const storeOf = (cli: Cli, { remote, file }: Target): OpenKeysOptions => ({
  ...storeOptions(cli, remote),
  ...(file !== undefined && { file: resolve(cli.cwd, file) }),
});

function takesEffect({ remote, file }: Target): string {
  if (remote) return 'Workers around the world apply this within two minutes.';
  if (file !== undefined)
    return 'A hebb serve --keys of this file applies this within two seconds.';
  return 'This takes effect within two seconds.';
}

interface CreateFlags extends Target {
  readonly name: string;
  readonly scope: Scope[];
  readonly expires?: number;
}

function createCommand(cli: Cli): Command {
  return withTarget(new Command('create'))
    .description('make a key and print it')
    .requiredOption('--name <text>', 'name of the key’s owner', nameOption)
    .option('--scope <scope>', `${SCOPES.join(', ')}; repeat it for several`, scopeOption, [])
    .option('--expires <time>', 'lifetime: 24h, 90d, … (default: unlimited)', duration)
    .action((flags: CreateFlags) => create(cli, flags));
}

async function create(cli: Cli, flags: CreateFlags): Promise<void> {
  const { name, scope, expires, json } = flags;
  const { createKey } = await import('@hebb/models/keys/keys');
  const { withKeyStore } = await import('@hebb/models/keys/open-store');

  const scopes: Scope[] = scope.length > 0 ? scope : ['classify'];
  const life = expires === undefined ? {} : { lifeMs: expires };
  const made = await createKey({ name, scopes, ...life }, new Date());
  const where = await withKeyStore(storeOf(cli, flags), async (store) => {
    await store.put(made.record);
    return store.description;
  });
  printKey(cli, made, json, [
    `Key ${made.record.id} for ${scopes.join(', ')} is stored in ${where}.`,
    'It is shown only once. Send it as Authorization: Bearer KEY.',
    takesEffect(flags),
  ]);
}

/** Prints the key alone on stdout, so that a shell variable can take it; notes go to stderr. */
function printKey(cli: Cli, made: MadeKey, json = false, notes: readonly string[]): void {
  const { key, record } = made;
  const { secrets: _, ...shown } = record;
  cli.stdout.write(json ? `${JSON.stringify({ key, ...shown }, null, 2)}\n` : `${key}\n`);
  cli.stderr.write(`${notes.join('\n')}\n`);
}

/** With 3 secrets and a name of this length a record stays under KV's 1024 bytes of metadata. */
const LONGEST_NAME = 60;

function nameOption(text: string): string {
  if (text.trim() !== '' && text.length <= LONGEST_NAME) return text.trim();
  throw new InvalidArgumentError(`Give 1 to ${LONGEST_NAME} characters.`);
}

function scopeOption(text: string, before: Scope[]): Scope[] {
  if (isScope(text)) return before.includes(text) ? before : [...before, text];
  throw new InvalidArgumentError(`Give one of ${SCOPES.join(', ')}.`);
}

function listCommand(cli: Cli): Command {
  return withTarget(new Command('list'))
    .description('list the keys, newest first')
    .action((flags: Target) => list(cli, flags));
}

async function list(cli: Cli, flags: Target): Promise<void> {
  const { withKeyStore } = await import('@hebb/models/keys/open-store');

  const { records, where } = await withKeyStore(storeOf(cli, flags), async (store) => ({
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
  const rows = records.map((record) => row(record, now));
  const lines = layOut(columns, rows);
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
      ? `rotated, the old key is valid until ${minute(before.until)}`
      : '';
  return [id, name, scopes.join(', '), minute(createdAt), minute(expiresAt), note];
}

/** `2026-05-01 10:15` from ISO 8601, UTC. */
const minute = (time: string | undefined): string =>
  time === undefined ? 'never' : time.slice(0, 16).replace('T', ' ');

interface RotateFlags extends Target {
  readonly overlap: number;
  readonly expires?: number;
}

const DAY_MS = 86_400_000;

function rotateCommand(cli: Cli): Command {
  return withTarget(new Command('rotate'))
    .description('replace a key; the old one stays valid for a while')
    .argument('<id>', 'its id, or the first characters')
    .option(
      '--overlap <time>',
      'how long the old key stays valid (24h); 0s ends it now',
      duration,
      DAY_MS,
    )
    .option('--expires <time>', 'lifetime of the new key', duration)
    .action((id: string, flags: RotateFlags) => rotate(cli, id, flags));
}

async function rotate(cli: Cli, id: string, flags: RotateFlags): Promise<void> {
  const { findKey, rotateKey } = await import('@hebb/models/keys/keys');
  const { withKeyStore } = await import('@hebb/models/keys/open-store');

  const { overlap: overlapMs, expires } = flags;
  const life = expires === undefined ? {} : { lifeMs: expires };
  const { made, where } = await withKeyStore(storeOf(cli, flags), async (store) => {
    const record = findKey(await store.list(), id);
    const made = await rotateKey(record, { overlapMs, ...life }, new Date());
    await store.put(made.record);
    return { made, where: store.description };
  });
  const until = made.record.secrets[1]?.until;
  printKey(cli, made, flags.json, [
    `Key ${made.record.id} has a new secret in ${where}. It is shown only once.`,
    until ? `The old key is valid until ${until}.` : 'The old key is no longer valid.',
    takesEffect(flags),
  ]);
}

function revokeCommand(cli: Cli): Command {
  return withTarget(new Command('revoke'))
    .description('end a key and all its secrets')
    .argument('<id>', 'its id, or the first characters')
    .action((id: string, flags: Target) => revoke(cli, id, flags));
}

async function revoke(cli: Cli, id: string, flags: Target): Promise<void> {
  const { findKey } = await import('@hebb/models/keys/keys');
  const { withKeyStore } = await import('@hebb/models/keys/open-store');

  const { record, where } = await withKeyStore(storeOf(cli, flags), async (store) => {
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
