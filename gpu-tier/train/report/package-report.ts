/**
 * Measures a model package, or an ensemble of several, on labelled images, and writes report.html.
 * @module
 */
import { mkdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { HebbError } from '@hebb/model';
import type { PackageFolder, Precision } from '@hebb/packages/folder';
import type { RecordedSplit } from '@hebb/packages/split';
import { writing } from '@hebb/packages/storage/storage-error';
import { replaceFile } from '@hebb/packages/storage/write-file';
import type { RunnerBackend } from '@hebb/tensorflow/backend/create-runner';
import type { HashedExample } from '../dataset/dataset.ts';
import {
  type Acquaintance,
  acquaintance,
  splitOfPackage,
  unionOfSplits,
} from '../evaluate/acquaintance.ts';
import { relabel } from '../evaluate/classes.ts';
import type { Crops } from '../evaluate/crops.ts';
import { type EvaluationData, evaluationData, type Split } from '../evaluate/data.ts';
import { labelOrder } from '../evaluate/ensemble.ts';
import { type EvaluationResult, evaluateAll, precisionsOf, reportImages } from './evaluation.ts';
import { machineFacts, packageFacts } from './facts.ts';
import { reportHtml } from './report.ts';

export interface MeasureOptions {
  /** Folder or CSV file of the images, absolute. */
  readonly source: string;
  /** The part to measure; see `evaluationData` for the default and for a new split. */
  readonly split?: Split;
  readonly valShare?: number;
  readonly seed?: number;
  /** Largest number of images, evenly spaced through the set. */
  readonly limit?: number;
  /** Default: every precision that all packages have. */
  readonly precisions?: readonly Precision[];
  readonly crops: Crops;
  /** Measures also the first 1, 2, … packages, with each number of crops up to `crops`. */
  readonly table?: boolean;
  /** Chooses the backend of float32; not called when only int8 is measured. */
  readonly backend: () => Promise<RunnerBackend>;
  /** Called once the images are found, before any is decoded. */
  readonly onData?: (data: EvaluationData) => void;
  /** Starts the progress of a precision. */
  readonly stage: (precision: Precision, total: number) => (done: number) => void;
}

export interface Measurement {
  readonly source: string;
  readonly data: EvaluationData;
  /** `flowers/val`; the folder's name alone for a whole data set. */
  readonly dataName: string;
  /** How many of the images any package was trained on; undefined where one does not record it. */
  readonly known?: Acquaintance | undefined;
  /** Labels are indices of the first package's labels. */
  readonly examples: readonly HashedExample[];
  /** Names of the first package's classes. */
  readonly classes: readonly string[];
  readonly crops: Crops;
  readonly backend: RunnerBackend;
  readonly result: EvaluationResult;
}

/**
 * Measures a package, or the mean of several, on labelled images.
 *
 * Throws what `evaluationData` and `evaluateMembers` throw, `unknown_class` for a class of the data that
 * the package does not have, and `invalid_package` when the packages have no precision in common.
 * @example
 * const { result } = await measurePackages([await readPackage('models/flowers')], options);
 * console.log(result.int8?.top1);
 */
export async function measurePackages(
  folders: readonly PackageFolder[],
  options: MeasureOptions,
): Promise<Measurement> {
  const { source, split, valShare, seed, crops, table, stage } = options;
  const [first] = folders;
  if (!first) throw new HebbError('invalid_argument', 'An ensemble needs at least one model.');
  for (const folder of folders) labelOrder(first, folder); // throws before any file is read
  const splitting = {
    ...(valShare !== undefined && { valShare }),
    ...(seed !== undefined && { seed }),
  };
  const multiLabel = first.manifest.network.output === 'sigmoid';
  if (multiLabel && table) {
    throw new HebbError(
      'invalid_argument',
      `${first.manifest.name} gives an image several labels.`,
      {
        hint: 'The table has the errors of single labels: leave out --table.',
      },
    );
  }
  const splits: RecordedSplit[] = [];
  for (const folder of folders) {
    const split = await splitOfPackage(folder, source, { ...splitting, multiLabel });
    if (split) splits.push(split);
  }
  const recorded = splits.length === folders.length ? unionOfSplits(splits) : undefined;
  const found = await evaluationData(source, {
    ...(split && { split }),
    ...splitting,
    recorded,
    multiLabel,
  });
  const data = { ...found, examples: evenlySpaced(found.examples, options.limit) };
  options.onData?.(data);
  const { labels } = first.manifest;
  const examples = relabel(data.examples, data.classes, labels);
  const precisions = options.precisions ?? sharedPrecisions(folders);
  const backend = precisions.includes('f32')
    ? await options.backend()
    : ({ kind: 'wasm', reason: 'not used' } as const);
  return {
    source,
    data,
    dataName: data.split === 'all' ? basename(source) : `${basename(source)}/${data.split}`,
    known: recorded && acquaintance(data.examples, recorded),
    examples,
    classes: labels.map((label) => label.name),
    crops,
    backend,
    result: await evaluateAll({
      packages: folders,
      precisions,
      examples,
      crops,
      ...(table && { table }),
      backend,
      stage,
    }),
  };
}

/** At most `limit` items, in their order. */
function evenlySpaced<T>(items: readonly T[], limit = items.length): readonly T[] {
  if (limit >= items.length) return items;
  return Array.from({ length: limit }, (_, i) => items[Math.floor((i * items.length) / limit)]!);
}

function sharedPrecisions(folders: readonly PackageFolder[]): Precision[] {
  const precisions = folders.map(precisionsOf);
  const shared = precisions[0]!.filter((one) => precisions.every((some) => some.includes(one)));
  if (shared.length > 0) return shared;
  const message = 'The packages have no precision in common.';
  throw new HebbError('invalid_package', message, { hint: 'Quantise those without int8.' });
}

/** `flowers`, or `ensemble of 3` */
export const nameOf = (folders: readonly PackageFolder[]): string =>
  folders.length === 1 ? folders[0]!.manifest.name : `ensemble of ${folders.length}`;

/** `flowers/val, 10 crops` */
export const measuredOn = ({ dataName, crops }: Measurement): string =>
  dataName + (crops > 1 ? `, ${crops} crops` : '');

function versionsOf(folders: readonly PackageFolder[]): string {
  const short = folders.map(({ manifest }) => manifest.version.slice(0, 12));
  if (short.length === 1) return `Version ${short[0]}`;
  return `Mean of ${folders.map(({ manifest: { name } }, i) => `${name} ${short[i]}`).join(', ')}`;
}

/**
 * Writes a measurement as one HTML file.
 * @param thumbnails whether the report holds small copies of images
 */
export async function writePackageReport(
  file: string,
  folders: readonly PackageFolder[],
  measurement: Measurement,
  thumbnails: boolean,
): Promise<void> {
  const { source, dataName, classes, examples, backend, result } = measurement;
  const page = reportHtml({
    title: `${nameOf(folders)} on ${dataName}`,
    subtitle: `${versionsOf(folders)}, measured with hebb eval`,
    data: measuredOn(measurement),
    created: new Date().toISOString(),
    classes,
    ...result,
    images: await reportImages(result, examples, source, thumbnails),
    facts: [...folders.map(({ manifest }) => packageFacts(manifest)), machineFacts(backend)],
  });
  await writing(dirname(file), () => mkdir(dirname(file), { recursive: true }));
  await replaceFile(file, page);
}
