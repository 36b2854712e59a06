import { dirname, relative, resolve } from 'node:path';
import type { Precision } from '@hebb/packages/folder';
import { BACKENDS, type BackendRequest } from '@hebb/tensorflow/backend/choose';
import { countLeftOut, leftOutSentence } from '@hebb/train/dataset/left-out';
import type { Acquaintance } from '@hebb/train/evaluate/acquaintance';
import { type ClassMetrics, worstClasses } from '@hebb/train/evaluate/confusion';
import { CROPS, type Crops } from '@hebb/train/evaluate/crops';
import { type EvaluationData, SPLITS, type Split } from '@hebb/train/evaluate/data';
import type { Metrics } from '@hebb/train/evaluate/metrics';
import type { MultiLabelMetrics } from '@hebb/train/evaluate/multi-label';
import type { EvaluationResult } from '@hebb/train/report/evaluation';
import type { MultiLabelResult } from '@hebb/train/report/report-data';
import { Command, InvalidArgumentError, Option } from 'commander';
import { cacheFolder } from './cache.ts';
import type { Cli } from './cli.ts';
import { startProgress } from './progress.ts';
import { count, layOut } from './text.ts';
import { integer, number } from './values.ts';

const EXAMPLES = `
Examples:
  hebb eval flowers --data data/flowers
  hebb eval flowers --data data/flowers --precision both --report flowers.html
  hebb eval imagenet --data imagenet/val --crops 10 --json

DATA is a folder of class folders (or of train/ and val/ of them), a CSV file of path,label (for a
multi-label package: path,labels), or a flat
folder of ImageNet's files, named n01440764_….JPEG. Its classes are matched to the package's labels by
name or id. Without --split, the validation images are measured, or all images if there is no split.
A package from hebb train records its split and is measured on its own validation images; --seed or
--val-share make a new split. The output says how many of the images the model was trained on.
With --crops 10 the answer is the mean over four corners, the centre and their mirror images.`;

interface Flags {
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
        'precision to measure (default: all that the package has)',
      ).choices(['f32', 'int8', 'both']),
    )
    .option('--crops <n>', 'views of each image, 1 or 10', crops, 1)
    .addOption(new Option('--split <part>', 'part of the data set').choices(SPLITS))
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
      new Option('--backend <name>', 'backend that computes float32')
        .choices(BACKENDS)
        .default('auto'),
    )
    .option('--report [file]', 'write an HTML report (default file: report.html)')
    .option('--no-thumbnails', 'keep images out of the report')
    .option('--json', 'print all metrics as JSON')
    .addHelpText('after', EXAMPLES)
    .action((name: string, flags: Flags) => run(cli, name, flags));
}

const PRECISION_NAMES: Readonly<Record<Precision, string>> = { f32: 'float32', int8: 'int8' };

async function run(cli: Cli, packageName: string, flags: Flags): Promise<void> {
  const { evaluationBackend } = await import('@hebb/train/evaluate/backend');
  const { findPackage } = await import('@hebb/packages/find');
  const { readPackage } = await import('@hebb/packages/folder');
  const { measuredOn, measurePackage, writePackageReport } = await import(
    '@hebb/train/report/package-report'
  );
  const { checkDestinations } = await import('@hebb/packages/storage/preflight');

  const folder = await readPackage(findPackage(packageName, cli.cwd));
  const report =
    flags.report === undefined
      ? undefined
      : resolve(cli.cwd, flags.report === true ? 'report.html' : flags.report);
  if (report !== undefined) await checkDestinations([{ dir: dirname(report), bytes: 1e5 }]);
  const { split, valShare, seed, precision } = flags;
  let began: number | undefined; // when the first image is asked for
  const measured = await measurePackage(folder, {
    source: resolve(cli.cwd, flags.data),
    ...(split && { split }),
    ...(valShare !== undefined && { valShare }),
    ...(seed !== undefined && { seed }),
    ...(precision && { precisions: precision === 'both' ? ['f32', 'int8'] : [precision] }),
    crops: flags.crops,
    backend: () => evaluationBackend(flags.backend, { cache: cacheFolder(cli), env: cli.env }),
    onData: (data) => {
      cli.stderr.write(leftOutText(data));
    },
    stage: (precision, total) => {
      began ??= cli.now();
      return measuring(cli, precision, total);
    },
  });
  const seconds = (cli.now() - (began ?? cli.now())) / 1000;
  const { data, known, examples, classes, result } = measured;
  const { name, version } = folder.manifest;
  if (flags.json) {
    const output = {
      package: name,
      version,
      data: measuredOn(measured),
      crops: flags.crops,
      seconds,
      ...(known && { known }),
      leftOut: leftOutCounts(data),
      classes,
      ...result,
    };
    cli.stdout.write(`${JSON.stringify(output, null, 2)}\n`);
  } else {
    cli.stdout.write(
      `${name} ${version.slice(0, 12)} on ${examples.length} images of ${measuredOn(measured)}\n` +
        acquaintanceText(data, known) +
        (result.multiLabel
          ? multiLabelText(result.multiLabel, classes)
          : evaluationText(result, classes)),
    );
  }
  if (report === undefined) return;
  await writePackageReport(report, folder, measured, flags.thumbnails);
  cli.stderr.write(`wrote ${relative(cli.cwd, report)}\n`);
}

function measuring(cli: Cli, precision: Precision, total: number): (done: number) => void {
  const label = PRECISION_NAMES[precision].padEnd(8);
  const bar = startProgress({ label, total, unit: 'images', stream: cli.stderr, now: cli.now });
  bar.update(0);
  return (done) => {
    bar.update(done);
    if (done === total) bar.finish();
  };
}

/** A line for the log; empty when no file is left out. */
function leftOutText({ leftOut }: EvaluationData): string {
  const sentence = leftOutSentence(leftOut).trim();
  return sentence === '' ? '' : `! ${sentence}\n`;
}

/** Number of left-out files by reason, for JSON. */
const leftOutCounts = ({ leftOut }: EvaluationData): Record<string, number> =>
  Object.fromEntries([...countLeftOut(leftOut)].map(([reason, { length }]) => [reason, length]));

const SPLIT_BY = {
  data: 'as the data set has it',
  package: 'as the package records it',
  seed: 'by the seed',
} as const;

/** Which images are measured and whether the model has seen them: what the figures are worth. */
function acquaintanceText(
  { by, outside, examples }: EvaluationData,
  known: Acquaintance | undefined,
): string {
  const lines = [
    ...(by ? [`split ${SPLIT_BY[by]}`] : []),
    ...(outside > 0 ? [`${images(outside)} of neither part, not measured: --split all`] : []),
    seenText(examples.length, known),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function seenText(all: number, known: Acquaintance | undefined): string {
  if (!known) return 'the package does not record which images it was trained on';
  const { trained, validated, unseen } = known;
  if (trained > 0) {
    const which = trained === all ? 'all of them were' : `${images(trained)} of them were`;
    return `! ${which} trained on: the model does worse on images that it has not seen`;
  }
  if (unseen === all) return 'none of them was seen in training';
  return `none of them was trained on${unseen > 0 ? `; ${count(validated)} validated the run` : ''}`;
}

const images = (n: number): string => (n === 1 ? '1 image' : `${count(n)} images`);

/** Classes and confusions that are listed; the report has the others. */
const MOST_ROWS = 12;

/** Characters of a class name that are shown: ImageNet's names hold all synonyms. */
const NAME_LENGTH = 36;

/** A name without control characters, which a terminal would obey. */
function shown(name: string): string {
  const letters = [...name.replace(/\p{Cc}|\p{Cf}/gu, '\ufffd')];
  return letters.length > NAME_LENGTH
    ? `${letters.slice(0, NAME_LENGTH - 1).join('')}…`
    : letters.join('');
}

const right = (title: string) => ({ title, align: 'right' as const });
const left = (title: string) => ({ title, align: 'left' as const });

const percent = (share: number | undefined, digits = 2): string =>
  share === undefined ? '–' : `${(100 * share).toFixed(digits)} %`;

/** Accuracy of each precision, their agreement, the weakest classes and the most frequent confusions. */
function evaluationText(result: EvaluationResult, labels: readonly string[]): string {
  const { float, int8, agreement } = result;
  const main = int8 ?? float;
  if (!main) return '';
  const precisions = [
    ...(float ? [precisionRow('float32', float)] : []),
    ...(int8 ? [precisionRow('int8', int8)] : []),
  ];
  const blocks = [
    layOut(
      [
        left('precision'),
        ...['top-1', '95 % interval', 'top-5', 'mean recall', 'loss', 'calib. error'].map(right),
      ],
      precisions,
    ),
    ...(agreement
      ? [
          [
            `same answer for ${percent(agreement.agreement)} of the images; float32 alone is right ${agreement.onlyFloatRight}×, int8 alone ${agreement.onlyInt8Right}×`,
          ],
        ]
      : []),
    classBlock(main, labels),
    confusionBlock(main, labels),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => `\n${lines.join('\n')}\n`)
    .join('');
}

/** Mean average precision of each precision, their agreement, and the weakest classes. */
function multiLabelText(
  { float, int8, agreement }: MultiLabelResult,
  labels: readonly string[],
): string {
  const main = int8 ?? float;
  if (!main) return '';
  const row = (name: string, metrics: MultiLabelMetrics | undefined): string[][] => {
    if (!metrics) return [];
    const { meanAveragePrecision, f1, exact, loss } = metrics;
    return [[name, percent(meanAveragePrecision), percent(f1), percent(exact), loss.toFixed(3)]];
  };
  const known = main.classes.filter(({ images }) => images > 0);
  const weakest = [...known].sort(
    (a, b) => a.averagePrecision! - b.averagePrecision! || a.label - b.label,
  );
  const many = known.length > MOST_ROWS;
  const blocks = [
    layOut(
      [left('precision'), ...['mean average precision', 'F1', 'exactly right', 'loss'].map(right)],
      [...row('float32', float), ...row('int8', int8)],
    ),
    ...(agreement === undefined
      ? []
      : [[`the labels of both overlap by ${percent(agreement)} on average`]]),
    layOut(
      [
        left(many ? `the ${MOST_ROWS} weakest of ${known.length} classes` : 'class'),
        ...['images', 'average precision', 'threshold', 'precision', 'recall', 'F1'].map(right),
      ],
      (many ? weakest.slice(0, MOST_ROWS) : known).map((one) => [
        shown(labels[one.label]!),
        String(one.images),
        percent(one.averagePrecision, 1),
        one.threshold.toFixed(3),
        ...[one.precision, one.recall, one.f1].map((share) => percent(share, 1)),
      ]),
    ),
  ];
  return blocks.map((lines) => `\n${lines.join('\n')}\n`).join('');
}

function precisionRow(name: string, metrics: Metrics): string[] {
  const { top1, top5, recall, interval, loss, calibration } = metrics;
  const between = `${percent(interval[0], 1)} – ${percent(interval[1], 1)}`;
  return [
    name,
    percent(top1),
    between,
    percent(top5),
    percent(recall),
    loss.toFixed(3),
    percent(calibration.error),
  ];
}

function classBlock({ classes }: Metrics, labels: readonly string[]): string[] {
  const known = classes.filter(({ images }) => images > 0);
  const weakest = [...known].sort((a, b) => a.f1! - b.f1! || a.label - b.label);
  const rows = known.length > MOST_ROWS ? weakest.slice(0, MOST_ROWS) : known;
  const title =
    known.length > MOST_ROWS ? `the ${MOST_ROWS} weakest of ${known.length} classes` : 'class';
  const worst = worstClasses(known);
  const row = ({ label, images, precision, recall, f1 }: ClassMetrics) => [
    shown(labels[label]!),
    String(images),
    percent(precision, 1),
    `${worst.has(label) ? '▼ ' : ''}${percent(recall, 1)}`,
    percent(f1, 1),
  ];
  return layOut(
    [left(title), ...['images', 'precision', 'recall', 'F1'].map(right)],
    rows.map(row),
  );
}

function confusionBlock({ confusion }: Metrics, labels: readonly string[]): string[] {
  const wrong = confusion.filter(({ label, answer }) => label !== answer).slice(0, MOST_ROWS);
  if (wrong.length === 0) return [];
  return layOut(
    [left('most frequent confusions'), left('taken for'), right('images')],
    wrong.map(({ label, answer, count }) => [
      shown(labels[label]!),
      shown(labels[answer]!),
      String(count),
    ]),
  );
}
