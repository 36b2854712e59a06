import { Command } from 'commander';
import type { Cli } from './cli.ts';
import { dataCheckCommand } from './data-check.ts';

const EXAMPLES = `
Examples:
  hebb data check photos          what is wrong with it?
  hebb data check photos --fix    move broken files and copies to photos-quarantine/`;

/** `hebb data`: data sets to train on. */
export function dataCommand(cli: Cli): Command {
  return new Command('data')
    .description('make, download or check a data set')
    .addCommand(dataCheckCommand(cli))
    .addHelpText('after', EXAMPLES);
}
