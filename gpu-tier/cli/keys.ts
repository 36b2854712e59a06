import { Command } from 'commander';
import type { Cli } from './cli.ts';
import { keysCreateCommand } from './keys-create.ts';
import { keysListCommand } from './keys-list.ts';
import { keysRevokeCommand } from './keys-revoke.ts';
import { keysRotateCommand } from './keys-rotate.ts';
import { TARGET_HELP } from './publish-target.ts';

const EXAMPLES = `
Examples:
  KEY=$(hebb keys create --name "the shop" --scope classify --scope batch)
  curl -H "Authorization: Bearer $KEY" --data-binary @photo.jpg localhost:8787/v1/classify
  hebb keys list
  hebb keys rotate 3f9a --overlap 7d     a new key; the old one goes on for a week
  hebb keys revoke 3f9a
  hebb keys create --name "Triton's client" --file keys.json      for hebb serve --keys keys.json

Keys are stored as their SHA-256 only: the key itself is shown once.
${TARGET_HELP}`;

/** `hebb keys`: who may call. */
export function keysCommand(cli: Cli): Command {
  return new Command('keys')
    .description('make, list, rotate and revoke API keys')
    .addCommand(keysCreateCommand(cli))
    .addCommand(keysListCommand(cli))
    .addCommand(keysRotateCommand(cli))
    .addCommand(keysRevokeCommand(cli))
    .addHelpText('after', EXAMPLES);
}
