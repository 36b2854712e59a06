/**
 * The options of `hebb train` that decide a run, one for each field of its configuration.
 * @module
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { VARIANTS, type Variant } from '../../shared/model/network/variant.ts';
import { PRECISIONS } from '../graph/inference.ts';
import { RECIPES, type Recipe, type TrainConfig } from '../train/config.ts';
import { integer, number } from './values.ts';

/** What the options decide; the rest of the configuration follows from arguments. */
export type TrainFlags = Partial<Omit<TrainConfig, 'data' | 'init'>> & {
  readonly recipe?: Recipe;
  readonly init?: string;
  readonly headOnly?: boolean;
};

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

/** Adds the options to the command. Defaults are those of the recipe, so none is set here. */
export function addTrainOptions(command: Command): Command {
  const choice = (flags: string, description: string, choices: readonly string[]) =>
    new Option(flags, description).choices([...choices]);
  return command
    .addOption(
      choice(
        '--recipe <name>',
        'where all other options start from: modern (from scratch), quick (likewise, in minutes, on small images), paper, transfer (with --init)',
        Object.keys(RECIPES),
      ),
    )
    .optionsGroup('Network:')
    .addOption(choice('--variant <name>', 'which GoogLeNet', Object.keys(VARIANTS) as Variant[]))
    .option('--input-size <px>', 'side of what is validated and served', integer(64, 512))
    .option('--auxiliary', 'train with both auxiliary classifiers')
    .option('--no-auxiliary', 'train without them')
    .optionsGroup('Fine-tuning:')
    .option('--init <package>', 'start from the weights of a package')
    .option('--head-only', 'train nothing but the classifier')
    .option('--head-epochs <n>', 'first train the classifier alone for so long', integer(0, 10_000))
    .option('--unfreeze <layers>', 'then the trunk from these layers on, in stages', list)
    .option('--layer-decay <f>', 'factor on the rate per group of deeper layers', share)
    .optionsGroup('Length:')
    .option('--epochs <n>', 'how often all images are seen', integer(0, 100_000))
    .option('--batch-size <n>', 'images per step', integer(1, 4096))
    .option('--sizes <list>', 'image sizes until a share of the epochs: 96:0.4,160:1', sizes)
    .optionsGroup('Optimiser:')
    .addOption(choice('--optimizer <name>', 'how weights follow gradients', ['sgd', 'adam']))
    .option('--rate <r>', 'learning rate after warm-up', number(0, 100))
    .option('--momentum <m>', 'of SGD; beta1 of Adam', share)
    .option('--nesterov', 'Nesterov’s momentum')
    .option('--no-nesterov', 'plain momentum')
    .addOption(
      choice('--schedule <name>', 'to 0 by cosine, or 4 % less every 8 epochs', [
        'cosine',
        'paper',
      ]),
    )
    .option('--warmup <epochs>', 'epochs in which the rate grows from 0', number(0, 10_000))
    .option('--weight-decay <w>', 'of kernels', number(0, 1))
    .option('--clip-norm <n>', 'largest norm of the gradients; 0: none', number(0, 1e6))
    .option('--average <d>', 'moving average of weights: what stays at a step; 0: none', share)
    .optionsGroup('Images and labels:')
    .option('--label-smoothing <e>', 'share of a label given to all classes', share)
    .option('--mixup <a>', 'α of mixup; 0: none', share)
    .option('--area <from,to>', 'share of an image that a crop covers; the paper: 0.08,1', range)
    .option('--aspect <from,to>', 'width over height of a crop; the paper: 0.75,1.333', range)
    .option('--mirror', 'swap left and right in half of the draws')
    .option('--no-mirror', 'never swap them')
    .option('--brightness <x>', 'factor drawn from 1 − x to 1 + x', share)
    .option('--contrast <x>', 'likewise', share)
    .option('--saturation <x>', 'likewise', share)
    .option('--hue <degrees>', 'turn of the colour circle, from −x to x', number(0, 180))
    .optionsGroup('Data and machine:')
    .option(
      '--val-share <s>',
      'images that validate where the data have no val/',
      number(0.01, 0.9),
    )
    .option('--half', 'store the float weights in float16: half the file')
    .addOption(choice('--precision <p>', 'what convolutions compute in', PRECISIONS))
    .option('--seed <n>', 'decides everything that is drawn', integer(0, 2 ** 31))
    .option('--threads <n>', 'threads that decode and augment', integer(1, 256))
    .option('--cache-mb <n>', 'memory for decoded images', integer(0, 1_000_000))
    .option('--validate-every <n>', 'epochs between validations', integer(1, 10_000));
}

/** The configuration that the flags ask for: the recipe's values where they say nothing. */
export function configOf(flags: TrainFlags, name: string, data: string): TrainConfig {
  const { recipe, init, headOnly, ...values } = flags;
  const base = RECIPES[recipe ?? (init === undefined ? 'modern' : 'transfer')];
  const given = Object.fromEntries(
    Object.entries(values).filter(([key, value]) => value !== undefined && key in base),
  );
  const config: TrainConfig = { ...base, ...given, name, data, init: init ?? 'scratch' };
  return headOnly ? { ...config, epochs: 0, unfreeze: [] } : config;
}
