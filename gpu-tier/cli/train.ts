import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { HebbError } from '../../shared/model/errors.ts';
import { isPackageName } from '../../shared/model/package/manifest.ts';
import { checkConfig, type TrainConfig } from '../train/config.ts';
import type { RunFolder } from '../train/run-folder.ts';
import type { Cli } from './cli.ts';
import { addTrainOptions, configOf, type TrainFlags } from './train-options.ts';
import { number } from './values.ts';

interface Flags extends TrainFlags {
  readonly data?: string;
  readonly name?: string;
  readonly resume?: string;
  readonly runs: string;
  readonly out?: string;
  readonly thumbnails: boolean;
  readonly maxLoss: number;
  readonly fix?: boolean;
}

const EXAMPLES = `
Examples:
  hebb train --data shapes --recipe quick
      a first run in minutes, on what hebb data shapes draws
  hebb train --data flowers --name flowers
      from scratch, as the built-in model was made
  hebb train --data flowers --init imagenet --head-only
      a new classifier on an imported network, in minutes
  hebb train --data flowers --init imagenet --unfreeze inception5a,inception4a
      and then the trunk, the top first
  hebb train --resume runs/20261124-101500-flowers
      goes on where the run was stopped or killed

DIR holds a folder for each class, or train/ and val/ of them; a CSV file of path,label will do too.
Ctrl-C ends a run after the step under way; nothing is lost.`;

/** `hebb train`: images in folders become a model package. */
export function trainCommand(cli: Cli): Command {
  const command = new Command('train')
    .description('train a network on your images: from scratch, or from a package')
    .option('--data <dir>', 'images: class folders, train/ and val/, or a CSV of path,label')
    .option('--name <name>', 'name of the package (default: that of the data’s folder)')
    .option('--resume <run>', 'go on with a run')
    .option('--runs <dir>', 'where runs are kept', 'runs')
    .option('--out <dir>', 'where the package is written (default: models/<name>)')
    .option('--fix', 'move broken files and copies out of the data set first')
    .option('--no-thumbnails', 'no images in the report')
    .option('--max-loss <points>', 'points of top-1 that int8 may lose', number(0, 100), 1);
  return addTrainOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => train(cli, flags));
}

async function train(cli: Cli, flags: Flags): Promise<void> {
  const { openRun } = await import('../train/run-folder.ts');
  const { runTrain } = await import('./train-run.ts');
  const resumed = flags.resume === undefined ? undefined : resolve(cli.cwd, flags.resume);
  const run: RunFolder | undefined = resumed === undefined ? undefined : await openRun(resumed);
  const config = run?.record.config ?? (await newConfig(cli, flags));
  checkConfig(config);
  await runTrain(cli, config, {
    ...(run ? { run } : {}),
    runs: resolve(cli.cwd, flags.runs),
    out: resolve(cli.cwd, flags.out ?? join('models', config.name)),
    thumbnails: flags.thumbnails,
    maxLoss: flags.maxLoss,
    fix: flags.fix ?? false,
  });
}

async function newConfig(cli: Cli, flags: Flags): Promise<TrainConfig> {
  if (flags.data === undefined) {
    throw new HebbError('invalid_argument', 'Name the images: --data DIR.', {
      hint: 'hebb data shapes DIR draws some to begin with.',
    });
  }
  const data = resolve(cli.cwd, flags.data);
  const name =
    flags.name ??
    data
      .split('/')
      .at(-1)!
      .toLowerCase()
      .replace(/\.csv$/, '');
  if (!isPackageName(name)) {
    throw new HebbError('invalid_argument', `${name} cannot be the name of a package.`, {
      hint: 'Give one of lower-case letters, digits and dashes: --name flowers',
    });
  }
  const config = configOf(flags, name, data);
  if (flags.init === undefined) return config;
  const { findPackage } = await import('../packages/find.ts');
  const { readPackage } = await import('../packages/folder.ts');
  const { dir, manifest } = await readPackage(findPackage(flags.init, cli.cwd));
  const { variant, inputSize, folded = false } = manifest.network;
  const sizes = flags.sizes ?? [[1, inputSize] as const];
  return { ...config, init: dir, variant, inputSize, folded, sizes };
}
