import { basename, dirname, join, relative, resolve } from 'node:path';
import { HebbError } from '@hebb/model/errors';
import { HEADS } from '@hebb/model/network/googlenet';
import { VARIANTS, type Variant } from '@hebb/model/network/variant';
import { isPackageName } from '@hebb/model/package/manifest';
import { IN_CHECKOUT } from '@hebb/packages/installed';
import { isStorageError, storageError } from '@hebb/packages/storage/storage-error';
import { PRECISIONS } from '@hebb/tensorflow/graph/inference';
import { LABELS_FILE } from '@hebb/train/dataset/csv';
import { BALANCES } from '@hebb/train/run/balance';
import {
  checkConfig,
  QAT_EPOCHS,
  RECIPES,
  type Recipe,
  type TrainConfig,
} from '@hebb/train/run/config';
import type { StepProgress } from '@hebb/train/run/loop-options';
import type { TrainingProgress, TrainRunEvents, TrainRunOptions } from '@hebb/train/run/run';
import type { RunFolder, RunOutput } from '@hebb/train/run/run-folder';
import { Command, InvalidArgumentError, Option } from 'commander';
import { cacheFolder } from './cache.ts';
import type { Cli } from './cli.ts';
import { findingsText } from './findings.ts';
import { duration, progressOf, startStage } from './progress.ts';
import { integer, number } from './values.ts';

/** The options that decide a run, one for each field of its configuration, and where things go. */
interface Flags extends Partial<Omit<TrainConfig, 'data' | 'init' | 'name'>> {
  readonly recipe?: Recipe;
  readonly init?: string;
  readonly headOnly?: boolean;
  readonly qat?: boolean;
  readonly data?: string;
  readonly name?: string;
  readonly resume?: string;
  readonly runs: string;
  readonly out?: string;
  readonly thumbnails: boolean;
  readonly maxLoss: number;
  readonly quantize: boolean;
  readonly fix?: boolean;
}

const EXAMPLES = `
Examples:
  hebb train --data shapes --recipe quick
      a first run in minutes, on the images of hebb data shapes
  hebb train --data flowers --name flowers
      from scratch, as the built-in model was trained
  hebb train --data flowers --init imagenet --head-only
      a new classifier on an imported network, in minutes
  hebb train --data flowers --init imagenet --unfreeze inception5a,inception4a
      then the trunk too, top layers first
  hebb train --data birds --init imagenet --balance sampling
      classes of unequal size: each is drawn equally often
  hebb train --data shop.csv --multi-label --init imagenet
      images that show several things: path,labels with labels such as cat|dog
  hebb train --data flowers --init models/flowers --qat --name flowers-int8
      train a package on for int8, with its own classes; after another training: --head-only --qat
  hebb train --resume runs/20261124-101500-flowers
      resume a run that was stopped or killed, with all its options

DIR holds a folder for each class, or train/ and val/ folders of them; a CSV file of path,label also
works (see --multi-label). Ctrl-C ends a run after the current step; nothing is lost. With --resume, --data,
--out, --max-loss, --no-quantize, --no-thumbnails, --threads and --cache-mb may be given again; all other
options stay as they were.`;

/** `hebb train`: images in folders become a model package. */
export function trainCommand(cli: Cli): Command {
  const command = new Command('train')
    .description('train a network on your images: from scratch, or from a package')
    .option('--data <dir>', 'images: class folders, train/ and val/, or a CSV of path,label')
    .option('--name <name>', 'name of the package (default: name of the data’s folder)')
    .option('--resume <run>', 'resume a run')
    .option('--runs <dir>', 'folder of runs', 'runs')
    .option('--out <dir>', 'folder of the package (default: models/<name>)')
    .option('--fix', 'move broken files and copies out of the data set first')
    .option('--no-thumbnails', 'keep images out of the report')
    .option('--max-loss <points>', 'points of top-1 that int8 may lose', number(0, 100), 1)
    .option('--no-quantize', 'write float weights only, which cannot be published');
  return addTrainOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) =>
      flags.resume === undefined
        ? train(cli, flags)
        : resume(cli, { ...flags, resume: flags.resume }, givenOptions(command)),
    );
}

/** Adds the options of the configuration. Defaults are those of the recipe, so none is set here. */
function addTrainOptions(command: Command): Command {
  const choice = (flags: string, description: string, choices: readonly string[]) =>
    new Option(flags, description).choices([...choices]);
  return command
    .addOption(
      choice(
        '--recipe <name>',
        'defaults of all other options: modern (from scratch), quick (from scratch in minutes, on small images), paper, transfer (with --init)',
        Object.keys(RECIPES),
      ),
    )
    .optionsGroup('Network:')
    .addOption(choice('--variant <name>', 'which GoogLeNet', Object.keys(VARIANTS) as Variant[]))
    .addOption(
      choice('--head <name>', 'what precedes the classifier; fullyConnected: float32 only', HEADS),
    )
    .option('--input-size <px>', 'side of images in validation and serving', integer(64, 512))
    .option('--auxiliary', 'train with both auxiliary classifiers')
    .option('--no-auxiliary', 'train without them')
    .optionsGroup('Fine-tuning:')
    .option('--init <package>', 'start from the weights of a package')
    .option('--head-only', 'train only the classifier')
    .option('--head-epochs <n>', 'epochs for the classifier alone, first', integer(0, 10_000))
    .option('--unfreeze <layers>', 'then train the trunk from these layers on, in stages', list)
    .option('--trunk-rate <f>', 'factor on the rate of the trunk', number(0, 100))
    .option('--layer-decay <f>', 'factor on the rate per group of deeper layers', share)
    .option(
      '--hold-out <s>',
      'share of training images that choose the epoch to keep',
      number(0, 0.9),
    )
    .optionsGroup('For int8:')
    .option(
      '--qat',
      `last, train ${QAT_EPOCHS} epochs in simulated int8; with --init and no other training, the package itself`,
    )
    .option('--qat-epochs <n>', 'the number of those epochs', integer(0, 10_000))
    .option('--qat-rate <r>', 'their learning rate, which falls to 0', number(0, 100))
    .optionsGroup('Length:')
    .option('--epochs <n>', 'passes over all images', integer(0, 100_000))
    .option('--batch-size <n>', 'images per step', integer(1, 4096))
    .option('--sizes <list>', 'image sizes until a share of the epochs: 96:0.4,160:1', sizes)
    .optionsGroup('Optimiser:')
    .addOption(choice('--optimizer <name>', 'update rule of the weights', ['sgd', 'adam', 'adamw']))
    .option('--rate <r>', 'learning rate after warm-up', number(0, 100))
    .option('--momentum <m>', 'momentum of SGD; beta1 of Adam', share)
    .option('--nesterov', 'Nesterov’s momentum')
    .option('--no-nesterov', 'plain momentum')
    .addOption(
      choice('--schedule <name>', 'cosine to 0, or 4 % less every 8 epochs (paper)', [
        'cosine',
        'paper',
      ]),
    )
    .option('--warmup <epochs>', 'epochs in which the rate grows from 0', number(0, 10_000))
    .option('--weight-decay <w>', 'weight decay of kernels', number(0, 1))
    .option('--clip-norm <n>', 'largest norm of the gradients; 0: no limit', number(0, 1e6))
    .option('--average <d>', 'decay of the moving average of weights; 0: no average', share)
    .optionsGroup('Images and labels:')
    .option('--multi-label', 'an image may show several classes, or none; --data is a CSV file')
    .addOption(
      choice(
        '--balance <how>',
        'unequal classes: weights (in the loss) or sampling (each class equally often)',
        BALANCES,
      ),
    )
    .option('--label-smoothing <e>', 'share of a label given to all classes', share)
    .option('--mixup <a>', 'α of mixup; 0: no mixup', share)
    .option('--cutmix <a>', 'α of cutmix; 0: no cutmix; with both, each batch gets one', share)
    .option('--area <from,to>', 'share of an image that a crop covers; the paper: 0.08,1', range)
    .option('--aspect <from,to>', 'width over height of a crop; the paper: 0.75,1.333', range)
    .option('--mirror', 'swap left and right in half of the draws')
    .option('--no-mirror', 'never swap them')
    .option('--brightness <x>', 'factor drawn from 1 − x to 1 + x', share)
    .option('--contrast <x>', 'factor drawn from 1 − x to 1 + x', share)
    .option('--saturation <x>', 'factor drawn from 1 − x to 1 + x', share)
    .option('--hue <degrees>', 'turn of the colour circle, from −x to x', number(0, 180))
    .option('--trivial-augment', 'one more random operation per image (TrivialAugment)')
    .option('--no-trivial-augment', 'without it')
    .option('--erasing <p>', 'share of the images in which a rectangle is erased', share)
    .optionsGroup('Data and machine:')
    .option(
      '--val-share <s>',
      'share of images for validation when the data have no val/',
      number(0.01, 0.9),
    )
    .option('--half', 'store the float weights in float16: half the file size')
    .addOption(choice('--precision <p>', 'number format of convolutions', PRECISIONS))
    .option('--seed <n>', 'seed of all random draws', integer(0, 2 ** 31))
    .option('--threads <n>', 'threads that decode and augment', integer(1, 256))
    .option('--cache-mb <n>', 'memory for decoded images', integer(0, 1_000_000))
    .option('--validate-every <n>', 'epochs between validations', integer(1, 10_000));
}

/** "96:0.4,128:0.75,160:1" or "224". */
function sizes(text: string): [number, number][] {
  const stages = text.split(',').map((stage) => stage.split(':').map(Number));
  const parsed = stages.map(([size, share = 1]): [number, number] => [share, size!]);
  if (parsed.flat().every((value) => Number.isFinite(value) && value > 0)) return parsed;
  throw new InvalidArgumentError(
    'Give sizes and shares of the epochs, as in 96:0.4,160:1, or 224.',
  );
}

/** "0.08,1" */
function range(text: string): [number, number] {
  const [from, to, ...rest] = text.split(',').map(Number);
  if (rest.length === 0 && Number.isFinite(from) && Number.isFinite(to)) return [from!, to!];
  throw new InvalidArgumentError('Give two numbers, as in 0.08,1.');
}

const list = (text: string): string[] => text.split(',').filter((item) => item !== '');

const share = number(0, 1);

async function train(cli: Cli, flags: Flags): Promise<void> {
  const config = await newConfig(cli, flags);
  checkConfig(config);
  await run(cli, {
    config,
    runs: resolve(cli.cwd, flags.runs),
    fix: flags.fix ?? false,
    output: {
      out: resolve(cli.cwd, flags.out ?? join('models', config.name)),
      thumbnails: flags.thumbnails,
      maxLoss: flags.maxLoss,
      quantize: flags.quantize,
    },
  });
}

async function newConfig(cli: Cli, flags: Flags): Promise<TrainConfig> {
  if (flags.data === undefined) {
    throw new HebbError('invalid_argument', 'Name the images: --data DIR.', {
      hint: 'hebb data shapes DIR draws a small data set to start with.',
    });
  }
  const data = resolve(cli.cwd, flags.data);
  const named = basename(data) === LABELS_FILE ? dirname(data) : data;
  const name =
    flags.name ??
    basename(named)
      .toLowerCase()
      .replace(/\.csv$/, '');
  if (!isPackageName(name)) {
    throw new HebbError('invalid_argument', `${name} cannot be the name of a package.`, {
      hint: 'Give a name of lower-case letters, digits and dashes: --name flowers',
    });
  }
  checkFlags(flags);
  const config = configOf(flags, name, data);
  if (flags.init === undefined) return config;
  const { findPackage } = await import('@hebb/packages/find');
  const { readPackage } = await import('@hebb/packages/folder');
  const { dir, manifest } = await readPackage(findPackage(flags.init, cli.cwd));
  const { variant, inputSize, folded = false } = manifest.network;
  const sizes = flags.sizes ?? sizesFor(inputSize, flags.recipe);
  return { ...config, init: dir, variant, inputSize, folded, sizes };
}

/** The sizes of the recipe `transfer`, which are for 224 px, in proportion; other recipes train at the package's size. */
function sizesFor(inputSize: number, recipe: Recipe = 'transfer'): TrainConfig['sizes'] {
  if (recipe !== 'transfer') return [[1, inputSize]];
  return RECIPES.transfer.sizes.map(([share, size]) => [
    share,
    Math.max(Math.min(LEAST_SIZE, inputSize), Math.round((size * inputSize) / 224)),
  ]);
}

/** With auxiliary classifiers images have 64 pixels at least. */
const LEAST_SIZE = 64;

/** Refuses options that would have no effect. Throws `invalid_argument`. */
function checkFlags(flags: Flags): void {
  const { init, recipe, headOnly, holdOut = 0, qat, qatEpochs } = flags;
  const fail = (message: string, hint: string) =>
    new HebbError('invalid_argument', message, { hint });
  const given = (options: readonly (readonly [value: unknown, option: string])[]) =>
    options.find(([value]) => value !== undefined)?.[1];
  if (init === undefined) {
    const option = given([
      [headOnly, '--head-only'],
      [recipe === 'transfer' ? recipe : undefined, '--recipe transfer'],
      [flags.trunkRate, '--trunk-rate'],
      [flags.layerDecay, '--layer-decay'],
    ]);
    if (option) throw fail(`${option} needs --init PACKAGE.`, 'Such as --init imagenet.');
  } else {
    const option = given([
      [flags.variant, '--variant'],
      [flags.inputSize, '--input-size'],
    ]);
    if (option) throw fail(`With --init the package decides ${option}.`, `Leave out ${option}.`);
  }
  if (headOnly && holdOut > 0) {
    throw fail(
      '--hold-out chooses an epoch of the trunk, and --head-only trains none.',
      'Leave out one of them.',
    );
  }
  if (isOnlyForInt8(flags)) {
    const option = given([
      [flags.rate, '--rate'],
      [flags.optimizer, '--optimizer'],
      [flags.trunkRate, '--trunk-rate'],
      [flags.layerDecay, '--layer-decay'],
      [flags.holdOut, '--hold-out'],
      [flags.mixup, '--mixup'],
      [flags.cutmix, '--cutmix'],
    ]);
    if (option) {
      throw fail(
        `${option} has no effect on the epochs of --qat, and with --init there are no others.`,
        'Name the other training (--head-only or --recipe transfer), or leave the option out; the rate of these epochs is --qat-rate.',
      );
    }
  }
  if (qat && qatEpochs === 0) {
    throw fail('--qat and --qat-epochs 0 contradict each other.', 'Leave out one of them.');
  }
  if (flags.qatRate !== undefined && !qat && !qatEpochs) {
    throw fail('--qat-rate is the learning rate of --qat.', 'Add --qat.');
  }
}

/** The configuration of the flags; the recipe's values where a flag is absent. */
function configOf(flags: Flags, name: string, data: string): TrainConfig {
  const { recipe, init, headOnly, qat, ...values } = flags;
  const chosen = RECIPES[recipe ?? (init === undefined ? 'modern' : 'transfer')];
  const base = values.multiLabel ? { ...chosen, area: areaOfSeveral(chosen) } : chosen;
  const given = Object.fromEntries(
    Object.entries(values).filter(([key, value]) => value !== undefined && key in base),
  );
  const config: TrainConfig = {
    ...base,
    ...(qat ? { qatEpochs: QAT_EPOCHS } : {}),
    ...given,
    name,
    data,
    init: init ?? 'scratch',
  };
  if (headOnly) return { ...config, epochs: 0, unfreeze: [] };
  if (isOnlyForInt8(flags)) return { ...config, epochs: 0, headEpochs: 0, unfreeze: [] };
  return config;
}

/** Whether `--qat` trains the package of `--init` itself: no option names another training. */
function isOnlyForInt8(flags: Flags): boolean {
  const { init, recipe, headOnly, epochs, headEpochs, unfreeze, qat, qatEpochs } = flags;
  const others = [recipe, headOnly, epochs, headEpochs, unfreeze];
  const adapts = (qatEpochs ?? (qat ? QAT_EPOCHS : 0)) > 0;
  return init !== undefined && adapts && others.every((value) => value === undefined);
}

/** A small crop often loses one of several things, but keeps its label. */
const areaOfSeveral = ({ area }: Pick<TrainConfig, 'area'>) =>
  [Math.max(area[0], 0.7), area[1]] as const;

/** Options that may be given again when a run is resumed: they change no weight. */
const RESUMABLE = new Set([
  ...['resume', 'data', 'out', 'thumbnails', 'maxLoss', 'quantize', 'fix', 'threads', 'cacheMb'],
]);

/** Names of the options that were written on the command line. */
const givenOptions = (command: Command): string[] =>
  Object.keys(command.opts()).filter((name) => command.getOptionValueSource(name) === 'cli');

/** Resumes a run with its own options; options that are given again replace them. */
async function resume(
  cli: Cli,
  flags: Flags & { readonly resume: string },
  given: readonly string[],
): Promise<void> {
  const other = given.find((name) => !RESUMABLE.has(name));
  if (other !== undefined) {
    const option = `--${other.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new HebbError('invalid_argument', `A resumed run keeps the ${option} it began with.`, {
      hint: `Leave it out, or start a new run: hebb train --data DIR ${option} …`,
    });
  }
  const { openRun } = await import('@hebb/train/run/run-folder');
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
    quantize:
      before === undefined || given.includes('quantize')
        ? flags.quantize
        : (before.quantize ?? true),
  };
  await run(cli, {
    config,
    run: { dir, record: { ...record, config, output } },
    runs: dirname(dir),
    fix: flags.fix ?? false,
    output,
  });
}

/** Trains, and prints what happens and what to do next. */
async function run(cli: Cli, options: TrainRunOptions): Promise<void> {
  const { config, output } = options;
  if ((config.qatEpochs ?? 0) > 0 && output.quantize === false) {
    throw new HebbError(
      'invalid_argument',
      '--no-quantize discards the scales that --qat trains.',
      {
        hint: 'Leave out one of them.',
      },
    );
  }
  const { trainPackage } = await import('@hebb/train/run/run');
  const { quantizationReport } = await import('@hebb/train/quantize/report');
  const { stdout, stderr, env, now } = cli;
  const shown = (path: string) => relative(cli.cwd, path) || '.';
  const steps = progressOf(cli);
  let begun: RunFolder | undefined;
  const events: TrainRunEvents = {
    step: steps.step,
    stepsEnd: steps.finish,
    onFindings(findings) {
      stderr.write(findingsText(findings, !options.fix));
    },
    onRun(run, { reason }) {
      begun = run;
      stderr.write(`run ${shown(run.dir)}, ${reason}\n`);
    },
    onSeenBefore(seen, images, init) {
      stderr.write(
        `! ${seen} of ${images} validation images were trained on before, for ${init}: the figures will be too good\n`,
      );
    },
    stage: (label, total) => startStage(cli, label, total),
    training: (epochs) => trainingProgress(cli, epochs),
    onFeaturesNotCached({ message }) {
      stderr.write(`The features are not cached for the next run: ${message}\n`);
    },
    onKept({ epoch, score }) {
      const trunk = config.headEpochs > 0 ? ' of the trunk' : '';
      const what = epoch > 0 ? `epoch ${epoch}${trunk}` : 'the classifier alone';
      const figure = scoreName(config);
      stderr.write(
        `kept ${what}: ${figure} ${percent(score.accuracy, 1)} on the images that were held out\n`,
      );
    },
    onQuantized(result) {
      stderr.write(quantizationReport(result));
    },
    onNotQuantized({ message, hint }) {
      stderr.write(`No int8 weights: ${message}\n  → ${hint}\n`);
    },
  };
  const outcome = await trainPackage(options, {
    cache: cacheFolder(cli),
    env,
    now,
    interruptible,
    events,
  }).catch((error: unknown) => {
    throw begun ? withResumeHint(error, shown(begun.dir)) : error;
  });
  if (outcome.kind === 'stopped') {
    stderr.write(`Stopped. Resume it with: hebb train --resume ${shown(outcome.run.dir)}\n`);
    process.exitCode = 130; // 128 + SIGINT, as shells report it
    return;
  }
  const out = shown(outcome.out);
  const next = outcome.quantized
    ? `${IN_CHECKOUT ? 'npm start --' : 'hebb serve'} --model ${out}`
    : nextOfFloats(out, shown(options.config.data), options);
  stdout.write(`Wrote ${out}. Report: ${shown(outcome.report)}\nNext: ${next}\n`);
}

/** The next command for a package without int8 weights: quantising, where that can succeed. */
function nextOfFloats(out: string, data: string, { config, output }: TrainRunOptions): string {
  if (config.head === 'fullyConnected' || config.variant === 'naive') {
    return `hebb eval ${out} --data ${data}`;
  }
  const quantize = `hebb quantize ${out} --calibrate ${data}`;
  return output.quantize === false ? quantize : `${quantize} --max-loss POINTS`;
}

/** A full disk or a read-only folder does not end a run for good: it can be resumed. */
function withResumeHint(error: unknown, run: string): unknown {
  const failure = storageError(error) ?? error;
  if (!isStorageError(failure)) return error;
  const first = failure.code === 'disk_full' ? 'Free some space' : 'Make it writable';
  return new HebbError(failure.code, failure.message, {
    hint: `${first}, then resume the run: hebb train --resume ${run}`,
    cause: error,
  });
}

/** The first Ctrl-C ends the run after its current step, the second ends the process at once. */
async function interruptible<T>(work: (shouldStop: () => boolean) => Promise<T>): Promise<T> {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  let stop = false;
  const off = () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  const onSignal = () => {
    stop = true;
    off();
  };
  for (const signal of signals) process.on(signal, onSignal);
  try {
    return await work(() => stop);
  } finally {
    off();
  }
}

/** Milliseconds between two updates of a terminal's line. */
const REFRESH_MS = 200;
/** Milliseconds between two lines of a log file. */
const LOG_MS = 60_000;

/** The figure that chooses the epoch; see `Score`. */
function scoreName({ multiLabel, balance }: TrainConfig): string {
  if (multiLabel) return 'mean average precision';
  return balance === 'none' ? 'top-1' : 'mean recall';
}

const percent = (share: number, digits = 0): string => `${(100 * share).toFixed(digits)}%`;

/**
 * A live line (epoch, size, images per second, loss, time left), and a line for each epoch that was
 * validated. In a log file the live line appears once a minute.
 */
function trainingProgress(
  { stderr, now }: Pick<Cli, 'stderr' | 'now'>,
  epochs: number,
): TrainingProgress {
  const began = now();
  const interval = stderr.isTTY ? REFRESH_MS : LOG_MS;
  let first: number | undefined; // a resumed run does not start at 0
  let shownAt = stderr.isTTY ? Number.NEGATIVE_INFINITY : now();

  function line({ epoch, size, share, meter }: StepProgress): string {
    const done = share - first!;
    const left = done > 0 ? ((now() - began) / 1000 / done) * (1 - share) : undefined;
    const parts = [
      `epoch ${epoch + 1}/${epochs}`,
      percent(share, 1),
      `${size} px`,
      `${meter.imagesPerSecond.toFixed(0)} images/s`,
      `loss ${(meter.mean('loss') ?? 0).toFixed(3)}`,
      ...(meter.mean('top1') === undefined ? [] : [`top-1 ${percent(meter.mean('top1')!)}`]),
      `waiting ${percent(meter.waiting)}`,
      ...(left === undefined ? [] : [`${duration(left)} left`]),
    ];
    return parts.join('  ');
  }

  return {
    onStep(progress) {
      first ??= progress.share;
      if (now() - shownAt < interval) return;
      shownAt = now();
      const text = line(progress);
      stderr.write(
        stderr.isTTY ? `\r${text.slice(0, (stderr.columns ?? 80) - 1)}\x1b[K` : `${text}\n`,
      );
    },
    onEpoch({ epoch, valTop1, valLoss, valRecall, valMap, loss, trainTop1, seconds }) {
      if (valLoss === undefined) return;
      const figures = [
        ['top-1', valTop1],
        ['mean recall', valRecall],
        ['mean average precision', valMap],
      ] as const;
      const measured = figures.flatMap(([name, share]) =>
        share === undefined ? [] : [`, ${name} ${percent(share, 1)}`],
      );
      const trained = trainTop1 === undefined ? '' : `, top-1 ${percent(trainTop1)}`;
      const text = `epoch ${epoch}: loss ${loss.toFixed(3)}${trained}; validation loss ${valLoss.toFixed(3)}${measured.join('')} (${duration(seconds)})`;
      stderr.write(`${stderr.isTTY ? '\r' : ''}${text}${stderr.isTTY ? '\x1b[K' : ''}\n`);
    },
    finish() {
      if (stderr.isTTY && shownAt > Number.NEGATIVE_INFINITY) stderr.write('\n');
    },
  };
}
