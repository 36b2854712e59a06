/**
 * Where `hebb keys` finds the keys: what `hebb publish` has, and a file.
 * @module
 */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { OpenKeysOptions } from '../keys/open-store.ts';
import type { Cli } from './cli.ts';
import { storeOptions, withRemote } from './publish-target.ts';

export interface KeysTarget {
  readonly remote?: boolean;
  readonly file?: string;
  readonly json?: boolean;
}

export const withKeysTarget = (command: Command): Command =>
  withRemote(command).addOption(
    new Option('--file <path>', 'in a file, for GPU tiers (hebb serve --keys)').conflicts('remote'),
  );

export const keysOptions = (cli: Cli, { remote, file }: KeysTarget): OpenKeysOptions => ({
  ...storeOptions(cli, remote),
  ...(file !== undefined && { file: resolve(cli.cwd, file) }),
});

export function takesEffect({ remote, file }: KeysTarget): string {
  if (remote) return 'Workers around the world know of it within two minutes.';
  if (file !== undefined) return 'It holds within two seconds, where hebb serve --keys reads it.';
  return 'It holds within two seconds.';
}
