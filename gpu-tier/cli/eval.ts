import { Command, InvalidArgumentError, Option } from 'commander';
import { BACKENDS, type BackendRequest } from '../backend/choose.ts';
import { CROPS, type Crops } from '../evaluate/crops.ts';
import { SPLITS, type Split } from '../evaluate/data.ts';
import type { Cli } from './cli.ts';
import { integer, number } from './values.ts';

const EXAMPLES = `
Examples:
  hebb eval flowers --data data/flowers
  hebb eval flowers --data data/flowers --precision both --report flowers.html
  hebb eval imagenet --data imagenet/val --crops 10 --json

DATA is a folder of class folders (or of train/ and val/ of them), a CSV file of path,label, or a flat
folder of ImageNet's files, named n01440764_….JPEG. Its classes are found among the package's labels by
name or id. Without --split the validation images are measured, or all where there is no split. A
package from hebb train records its split, and is measured on what validated it; --seed or --val-share
make a new split. The output says how many of the images the model was trained on.
With --crops 10 the answer is the mean over four corners, the middle and their mirror images.`;

export interface EvalFlags {
  readonly data: string;
  readonly precision?: 'f32' | 'int8' | 'both';
  readonly crops: Crops;
  readonly split?: Split;
  readonly valShare?: number;
  readonly seed?: number;
  readonly backend: BackendRequest;
  readonly report?: string | true;
  readonly thumbnails: boolean;
  readonly json?: boolean;
}

function crops(text: string): Crops {
  const known = CROPS.find((n) => String(n) === text);
  if (!known) throw new InvalidArgumentError(`Give ${CROPS.join(' or ')}.`);
  return known;
}

/** `hebb eval`: how good a package is on labelled images. */
export function evalCommand(cli: Cli): Command {
  return new Command('eval')
    .description('measure a package on labelled images: accuracy, confusion, calibration')
    .argument('<package>', 'a model package: its folder, or its name under models/')
    .requiredOption('--data <dir>', 'labelled images')
    .addOption(
      new Option(
        '--precision <name>',
        'what to measure (default: all that the package has)',
      ).choices(['f32', 'int8', 'both']),
    )
    .option('--crops <n>', 'views of each image, 1 or 10', crops, 1)
    .addOption(new Option('--split <part>', 'of the data set').choices(SPLITS))
    .option(
      '--val-share <share>',
      'make a new split, as hebb train does with this share',
      number(0, 0.9),
    )
    .option(
      '--seed <n>',
      'make a new split, as hebb train does with this seed',
      integer(0, 2 ** 32 - 1),
    )
    .addOption(
      new Option('--backend <name>', 'what to compute float32 with')
        .choices(BACKENDS)
        .default('auto'),
    )
    .option('--report [file]', 'write a report in HTML (default file: report.html)')
    .option('--no-thumbnails', 'keep copies of images out of the report')
    .option('--json', 'print all metrics as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, flags: EvalFlags) => {
      const { runEval } = await import('./eval-run.ts');
      await runEval(cli, name, flags);
    });
}
