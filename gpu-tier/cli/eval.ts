import { dirname, relative, resolve } from 'node:path';
import { HebbError } from '@hebb/model/errors';
import type { PackageFolder, Precision } from '@hebb/packages/folder';
import { BACKENDS, type BackendRequest } from '@hebb/tensorflow/backend/choose';
import { countLeftOut, leftOutSentence } from '@hebb/train/dataset/left-out';
import type { Acquaintance } from '@hebb/train/evaluate/acquaintance';
import { type ClassMetrics, worstClasses } from '@hebb/train/evaluate/confusion';
import { CROPS, type Crops } from '@hebb/train/evaluate/crops';
import { type EvaluationData, SPLITS, type Split } from '@hebb/train/evaluate/data';
import type { TableRow } from '@hebb/train/evaluate/ensemble';
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
  hebb eval --ensemble flowers-1 flowers-2 flowers-3 --data data/flowers --table

DATA is a folder of class folders (or of train/ and val/ of them), a CSV file of path,label (for a
multi-label package: path,labels), or a flat
folder of ImageNet's files, named n01440764_….JPEG. Its classes are matched to the package's labels by
name or id. Without --split, the validation images are measured, or all images if there is no split.
A package from hebb train records its split and is measured on its own validation images; --seed or
--val-share make a new split. The output says how many of the images the model was trained on.
With --crops 10 the answer is the mean over four corners, the centre and their mirror images, with
--crops 144 over those of four scales and three squares, as in the GoogLeNet paper. With --ensemble it is
the mean over the packages, whose labels must be the same. --table computes each package with each number
of crops once, and prints the error of the first 1, 2, … packages with 1, 10 and 144 crops.`;

interface Flags {
  readonly ensemble?: readonly string[];
  readonly table?: boolean;
  readonly limit?: number;
  readonly data: string;
  readonly precision?: 'f32' | 'int8' | 'both';
  readonly crops?: Crops;
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
  if (!known) throw new InvalidArgumentError(`Give ${CROPS.join(', ')}.`);
  return known;
}

/** `hebb eval`: how good a package is on labelled images. */
export function evalCommand(cli: Cli): Command {
  return new Command('eval')
    .description('measure a package on labelled images: accuracy, confusion, calibration')
    .argument('[package]', 'a model package: its folder, or its name under models/')
    .option('--ensemble <packages...>', 'average the answers of several packages')
    .requiredOption('--data <dir>', 'labelled images')
    .addOption(
      new Option(
        '--precision <name>',
        'precision to measure (default: all that the package has)',
      ).choices(['f32', 'int8', 'both']),
    )
    .option(
      '--crops <n>',
      'views of each image: 1, 10 or 144 (default: 1; with --table: 144)',
      crops,
    )
    .option('--table', 'error by the number of models and crops, with what it costs')
    .option(
      '--limit <n>',
      'measure at most n images, evenly spaced through the set',
      integer(1, 2 ** 31),
    )
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
    .option('--json', 'print all metrics, or with --table the table, as JSON')
    .addHelpText('after', EXAMPLES)
    .action((name: string | undefined, flags: Flags) => run(cli, packageNames(name, flags), flags));
}

/** The packages to average. Throws `invalid_argument` unless they are named in one way. */
function packageNames(name: string | undefined, { ensemble }: Flags): readonly string[] {
  if (ensemble && name === undefined) return ensemble;
  if (name !== undefined && !ensemble) return [name];
  throw new HebbError('invalid_argument', 'Name one package, or several with --ensemble.', {
    hint: 'hebb eval flowers --data DIR, or hebb eval --ensemble a b c --data DIR',
  });
}

const PRECISION_NAMES: Readonly<Record<Precision, string>> = { f32: 'float32', int8: 'int8' };

async function run(cli: Cli, names: readonly string[], flags: Flags): Promise<void> {
  const { evaluationBackend } = await import('@hebb/train/evaluate/backend');
  const { findPackage } = await import('@hebb/packages/find');
  const { readPackage } = await import('@hebb/packages/folder');
  const { measuredOn, measurePackages, nameOf, writePackageReport } = await import(
    '@hebb/train/report/package-report'
  );
  const { machineFacts } = await import('@hebb/train/report/facts');
  const { checkDestinations } = await import('@hebb/packages/storage/preflight');

  const folders: PackageFolder[] = [];
  for (const name of names) folders.push(await readPackage(findPackage(name, cli.cwd)));
  const crops = flags.crops ?? (flags.table ? 144 : 1);
  const report =
    flags.report === undefined
      ? undefined
      : resolve(cli.cwd, flags.report === true ? 'report.html' : flags.report);
  if (report !== undefined) await checkDestinations([{ dir: dirname(report), bytes: 1e5 }]);
  const { split, valShare, seed, precision, limit, table } = flags;
  let began: number | undefined; // when the first image is asked for
  const measured = await measurePackages(folders, {
    source: resolve(cli.cwd, flags.data),
    ...(split && { split }),
    ...(valShare !== undefined && { valShare }),
    ...(seed !== undefined && { seed }),
    ...(limit !== undefined && { limit }),
    ...(table && { table }),
    ...(precision && { precisions: precision === 'both' ? ['f32', 'int8'] : [precision] }),
    crops,
    backend: () => evaluationBackend(flags.backend, { cache: cacheFolder(cli), env: cli.env }),
    onData: (data) => {
      cli.stderr.write(leftOutText(data));
    },
    stage: (precision, total) => {
      began ??= cli.now();
      const unit = folders.length === 1 && crops === 1 ? 'images' : 'crops';
      return measuring(cli, precision, total, unit);
    },
  });
  const seconds = (cli.now() - (began ?? cli.now())) / 1000;
  const { data, known, examples, classes, result } = measured;
  const packages = folders.map(({ manifest: { name, version } }) => ({ name, version }));
  const [only, ...others] = packages;
  const what = {
    ...(others.length === 0 ? { package: only!.name, version: only!.version } : { packages }),
    data: table ? measured.dataName : measuredOn(measured),
    ...(table ? { images: examples.length } : { crops }),
    seconds,
    ...(known && { known }),
    leftOut: leftOutCounts(data),
  };
  if (flags.json && table) {
    const machine = Object.fromEntries(machineFacts(measured.backend).rows);
    const date = new Date().toISOString().slice(0, 10);
    cli.stdout.write(
      `${JSON.stringify({ ...what, date, machine, table: result.table }, null, 2)}\n`,
    );
  } else if (flags.json) {
    cli.stdout.write(`${JSON.stringify({ ...what, classes, ...result }, null, 2)}\n`);
  } else {
    const versions = packages.map(({ version }) => version.slice(0, 12)).join(', ');
    cli.stdout.write(
      `${nameOf(folders)} ${versions} on ${examples.length} images of ${what.data}\n` +
        acquaintanceText(data, known, packages.length) +
        tableText(result.table ?? []) +
        (table ? '' : answersText(result, classes)),
    );
  }
  if (report === undefined) return;
  await writePackageReport(report, folders, measured, flags.thumbnails);
  cli.stderr.write(`wrote ${relative(cli.cwd, report)}\n`);
}

function measuring(
  cli: Cli,
  precision: Precision,
  total: number,
  unit: 'images' | 'crops',
): (done: number) => void {
  const label = PRECISION_NAMES[precision].padEnd(8);
  const bar = startProgress({ label, total, unit, stream: cli.stderr, now: cli.now });
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
  packages: number,
): string {
  const lines = [
    ...(by ? [`split ${SPLIT_BY[by]}`] : []),
    ...(outside > 0 ? [`${images(outside)} of neither part, not measured: --split all`] : []),
    seenText(examples.length, known, packages),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function seenText(all: number, known: Acquaintance | undefined, packages: number): string {
  if (!known && packages > 1) return 'not every package records which images it was trained on';
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

/** A table for each precision: error by models and crops, as Table 3 of the GoogLeNet paper. */
function tableText(rows: readonly TableRow[]): string {
  return (['f32', 'int8'] as const)
    .map((precision) => rows.filter((row) => row.precision === precision))
    .filter(({ length }) => length > 0)
    .map((own) => `\n${layOut(TABLE_COLUMNS, own.map(tableCells)).join('\n')}\n`)
    .join('');
}

const TABLE_COLUMNS = [
  left('precision'),
  ...[
    ...['models', 'crops', 'cost', 'top-1 error', '95 % interval', 'top-5 error'],
    ...['calib. error', 'with temperature', 's per image'],
  ].map(right),
];

function tableCells(row: TableRow): string[] {
  const [low, high] = row.interval;
  return [
    PRECISION_NAMES[row.precision],
    ...[row.models, row.crops, row.models * row.crops].map(count),
    percent(row.top1Error),
    `${percent(low, 1)} – ${percent(high, 1)}`,
    percent(row.top5Error),
    ...calibrationCells(row.calibrationError, row.withTemperature),
    row.secondsPerImage.toPrecision(2),
  ];
}

/** The calibration error; what the temperatures of the two halves make of it, and both. */
const calibrationCells = (
  error: number,
  { temperatures: [a, b], error: fitted }: Metrics['withTemperature'],
): string[] => [percent(error), `${percent(fitted)} (${a.toFixed(2)}, ${b.toFixed(2)})`];

/** Accuracy of each precision, their agreement, the weakest classes and the most frequent confusions. */
const answersText = (result: EvaluationResult, classes: readonly string[]): string =>
  result.multiLabel ? multiLabelText(result.multiLabel, classes) : evaluationText(result, classes);

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
        right('with temperature'),
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
  const calibrated = calibrationCells(calibration.error, metrics.withTemperature);
  return [
    name,
    percent(top1),
    between,
    percent(top5),
    percent(recall),
    loss.toFixed(3),
    ...calibrated,
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
