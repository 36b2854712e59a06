import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { HebbError } from '../../shared/model/errors.ts';
import { isPackageName } from '../../shared/model/package/manifest.ts';
import { checkConfig, type TrainConfig } from '../train/config.ts';
import type { RunOutput } from '../train/run-folder.ts';
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
      goes on where the run was stopped or killed, with all of its options

DIR holds a folder for each class, or train/ and val/ of them; a CSV file of path,label will do too.
Ctrl-C ends a run after the step under way; nothing is lost. With --resume, --data, --out, --max-loss,
--no-thumbnails, --threads and --cache-mb may be given again; all else stays as the run began.`;

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
    .action((flags: Flags) =>
      flags.resume === undefined
        ? train(cli, flags)
        : resume(cli, { ...flags, resume: flags.resume }, givenOptions(command)),
    );
}

async function train(cli: Cli, flags: Flags): Promise<void> {
  const { runTrain } = await import('./train-run.ts');
  const config = await newConfig(cli, flags);
  checkConfig(config);
  await runTrain(cli, config, {
    runs: resolve(cli.cwd, flags.runs),
    fix: flags.fix ?? false,
    output: {
      out: resolve(cli.cwd, flags.out ?? join('models', config.name)),
      thumbnails: flags.thumbnails,
      maxLoss: flags.maxLoss,
    },
  });
}

/** What may be given again when a run is resumed: it changes no weight. */
const RESUMABLE = new Set([
  ...['resume', 'data', 'out', 'thumbnails', 'maxLoss', 'fix', 'threads', 'cacheMb'],
]);

/** Names of the options that were written on the command line. */
const givenOptions = (command: Command): string[] =>
  Object.keys(command.opts()).filter((name) => command.getOptionValueSource(name) === 'cli');

/** Resumes a run with its options; what is given again replaces them. */
async function resume(
  cli: Cli,
  flags: Flags & { readonly resume: string },
  given: readonly string[],
): Promise<void> {
  const other = given.find((name) => !RESUMABLE.has(name));
  if (other !== undefined) {
    const option = `--${other.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new HebbError(
      'invalid_argument',
      `A resumed run keeps the ${option} that it began with.`,
      {
        hint: `Leave it out, or start a new run: hebb train --data DIR ${option} …`,
      },
    );
  }
  const { openRun } = await import('../train/run-folder.ts');
  const { runTrain } = await import('./train-run.ts');
  const { dir, record } = await openRun(resolve(cli.cwd, flags.resume));
  const config: TrainConfig = {
    ...record.config,
    ...(flags.data === undefined ? {} : { data: resolve(cli.cwd, flags.data) }),
    ...(flags.threads === undefined ? {} : { threads: flags.threads }),
    ...(flags.cacheMb === undefined ? {} : { cacheMb: flags.cacheMb }),
  };
  checkConfig(config);
  const before = record.output;
  const output: RunOutput = {
    out:
      flags.out === undefined
        ? (before?.out ?? resolve(cli.cwd, 'models', config.name))
        : resolve(cli.cwd, flags.out),
    thumbnails:
      before === undefined || given.includes('thumbnails') ? flags.thumbnails : before.thumbnails,
    maxLoss: before === undefined || given.includes('maxLoss') ? flags.maxLoss : before.maxLoss,
  };
  await runTrain(cli, config, {
    run: { dir, record: { ...record, config, output } },
    runs: dirname(dir),
    fix: flags.fix ?? false,
    output,
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
