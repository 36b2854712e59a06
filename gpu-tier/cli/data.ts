import { Command } from 'commander';
import type { PhotoArchive } from '../dataset/flowers/archive.ts';
import type { Cli } from './cli.ts';
import { dataCheckCommand } from './data-check.ts';
import { dataFlowersCommand } from './data-flowers.ts';
import { dataShapesCommand } from './data-shapes.ts';

const EXAMPLES = `
Examples:
  hebb data shapes shapes         draws 1,500 small images of six classes
  hebb data flowers flowers       downloads 3,670 photographs of five kinds of flowers
  hebb data check photos          what is wrong with it?
  hebb data check photos --fix    move broken files and copies to photos-quarantine/`;

/** `hebb data`: data sets to train on. */
export function dataCommand(cli: Cli, flowers?: PhotoArchive): Command {
  return new Command('data')
    .description('make, download or check a data set')
    .addCommand(dataShapesCommand(cli))
    .addCommand(dataFlowersCommand(cli, flowers))
    .addCommand(dataCheckCommand(cli))
    .addHelpText('after', EXAMPLES);
}
