/**
 * Measures a model package on labelled images, and writes report.html.
 * @module
 */
import { mkdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { PackageFolder, Precision } from '@hebb/packages/folder';
import { writing } from '@hebb/packages/storage/storage-error';
import { replaceFile } from '@hebb/packages/storage/write-file';
import type { RunnerBackend } from '@hebb/tensorflow/backend/create-runner';
import type { HashedExample } from '../dataset/dataset.ts';
import { type Acquaintance, acquaintance, splitOfPackage } from '../evaluate/acquaintance.ts';
import { relabel } from '../evaluate/classes.ts';
import type { Crops } from '../evaluate/crops.ts';
import { type EvaluationData, evaluationData, type Split } from '../evaluate/data.ts';
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
  /** Default: every precision that the package has. */
  readonly precisions?: readonly Precision[];
  readonly crops: Crops;
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
  /** How many of the images the package was trained on; undefined where it is not known. */
  readonly known?: Acquaintance | undefined;
  /** Labels are indices of the package's labels. */
  readonly examples: readonly HashedExample[];
  /** Names of the package's classes. */
  readonly classes: readonly string[];
  readonly crops: Crops;
  readonly backend: RunnerBackend;
  readonly result: EvaluationResult;
}

/**
 * Measures a package on labelled images.
 *
 * Throws what `evaluationData` and `evaluatePackage` throw, and `unknown_class` for a class of the
 * data that the package does not have.
 * @example
 * const { result } = await measurePackage(await readPackage('models/flowers'), options);
 * console.log(result.int8?.top1);
 */
export async function measurePackage(
  folder: PackageFolder,
  options: MeasureOptions,
): Promise<Measurement> {
  const { source, split, valShare, seed, crops, stage } = options;
  const splitting = {
    ...(valShare !== undefined && { valShare }),
    ...(seed !== undefined && { seed }),
  };
  const multiLabel = folder.manifest.network.output === 'sigmoid';
  const recorded = await splitOfPackage(folder, source, { ...splitting, multiLabel });
  const data = await evaluationData(source, {
    ...(split && { split }),
    ...splitting,
    recorded,
    multiLabel,
  });
  options.onData?.(data);
  const { labels } = folder.manifest;
  const examples = relabel(data.examples, data.classes, labels);
  const precisions = options.precisions ?? precisionsOf(folder);
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
    result: await evaluateAll({ package: folder, precisions, examples, crops, backend, stage }),
  };
}

/** `flowers/val, 10 crops` */
export const measuredOn = ({ dataName, crops }: Measurement): string =>
  dataName + (crops > 1 ? `, ${crops} crops` : '');

/**
 * Writes a measurement as one HTML file.
 * @param thumbnails whether the report holds small copies of images
 */
export async function writePackageReport(
  file: string,
  { manifest }: PackageFolder,
  measurement: Measurement,
  thumbnails: boolean,
): Promise<void> {
  const { source, dataName, classes, examples, backend, result } = measurement;
  const page = reportHtml({
    title: `${manifest.name} on ${dataName}`,
    subtitle: `Version ${manifest.version.slice(0, 12)}, measured with hebb eval`,
    data: measuredOn(measurement),
    created: new Date().toISOString(),
    classes,
    ...result,
    images: await reportImages(result, examples, source, thumbnails),
    facts: [packageFacts(manifest), machineFacts(backend)],
  });
  await writing(dirname(file), () => mkdir(dirname(file), { recursive: true }));
  await replaceFile(file, page);
}
