/**
 * Measures packages on labelled images for a report, and collects the images to show.
 * @module
 */
import { availableParallelism } from 'node:os';
import { relative, sep } from 'node:path';
import { DecodeThreads } from '@hebb/images/threads';
import { type Label, PACKAGE_FILES } from '@hebb/model';
import type { PackageFolder, Precision } from '@hebb/packages/folder';
import type { RunnerBackend } from '@hebb/tensorflow/backend/create-runner';
import type { Example } from '../dataset/dataset.ts';
import type { Answers } from '../evaluate/answers.ts';
import { type Agreement, compareAnswers } from '../evaluate/compare.ts';
import type { Crops } from '../evaluate/crops.ts';
import {
  averageAnswers,
  cropsOfMembers,
  cropsUpTo,
  evaluateMembers,
  type TableRow,
  tableOf,
} from '../evaluate/ensemble.ts';
import { type Metrics, measure } from '../evaluate/metrics.ts';
import { agreementOf, isMultiLabel, measureMultiLabel } from '../evaluate/multi-label.ts';
import type { MultiLabelResult, ReportData, ReportImage } from './report-data.ts';
import { MOST_DIFFERENCES } from './sections/images.ts';

export interface EvaluationRequest {
  /** One package, or the members of an ensemble, whose probabilities are averaged. */
  readonly packages: readonly PackageFolder[];
  readonly precisions: readonly Precision[];
  /** Labels are indices of the first package's labels. */
  readonly examples: readonly Example[];
  readonly crops: Crops;
  /** Fills `table` with the first 1, 2, … packages and every number of crops up to `crops`. */
  readonly table?: boolean;
  readonly backend: RunnerBackend;
  /** Starts the progress of a precision; returns the counter of its crops. */
  readonly stage?: (precision: Precision, total: number) => (done: number) => void;
}

export interface EvaluationResult {
  readonly float?: Metrics;
  readonly int8?: Metrics;
  /** Present when both were measured. */
  readonly agreement?: Agreement;
  /** Of a multi-label package, instead of the others. */
  readonly multiLabel?: MultiLabelResult;
  /** By precision; present on request. */
  readonly table?: readonly TableRow[];
}

/** Measures a package or an ensemble in each precision, and compares the precisions. */
export async function evaluateAll(request: EvaluationRequest): Promise<EvaluationResult> {
  const { precisions, stage, table, crops: most, ...options } = request;
  const crops = table ? cropsUpTo(most) : [most];
  const answers: Partial<Record<Precision, Answers>> = {};
  const rows: TableRow[] = [];
  for (const precision of precisions) {
    const onProgress = stage?.(precision, cropsOfMembers({ ...options, crops }));
    const measured = await evaluateMembers({
      ...options,
      precision,
      crops,
      ...(onProgress ? { onProgress } : {}),
    });
    answers[precision] = averageAnswers(measured.get(most)!.map((member) => member.answers));
    if (table) rows.push(...tableOf(measured, precision));
  }
  const { f32, int8 } = answers;
  const { network, labels } = request.packages[0]!.manifest;
  if (network.output === 'sigmoid') {
    return { multiLabel: multiLabelResult(answers, labels) };
  }
  return {
    ...(f32 ? { float: measure(f32) } : {}),
    ...(int8 ? { int8: measure(int8) } : {}),
    ...(f32 && int8 ? { agreement: compareAnswers(f32, int8) } : {}),
    ...(table ? { table: rows } : {}),
  };
}

function multiLabelResult(
  { f32, int8 }: Partial<Record<Precision, Answers>>,
  labels: readonly Label[],
): MultiLabelResult {
  const float = f32 && isMultiLabel(f32) ? f32 : undefined;
  const quantized = int8 && isMultiLabel(int8) ? int8 : undefined;
  return {
    ...(float ? { float: measureMultiLabel(float, labels) } : {}),
    ...(quantized ? { int8: measureMultiLabel(quantized, labels) } : {}),
    ...(float && quantized ? { agreement: agreementOf(float, quantized, labels) } : {}),
  };
}

/** The precisions that a package has weights of. */
export const precisionsOf = ({ manifest: { files } }: PackageFolder): Precision[] =>
  (['f32', 'int8'] as const).filter((precision) => files[PACKAGE_FILES[precision]] !== undefined);

/**
 * The images of the report: the worst mistakes, and images with different answers in the two precisions.
 * Without thumbnails only their names, for reports on pictures that must not be shared.
 * @param root folder that names are relative to
 */
export async function reportImages(
  { float, int8, agreement, multiLabel }: EvaluationResult,
  examples: readonly Example[],
  root: string,
  thumbnails: boolean,
): Promise<NonNullable<ReportData['images']>> {
  const shown = new Set([
    ...((int8 ?? float)?.mistakes ?? []).map(({ image }) => image),
    ...((multiLabel?.int8 ?? multiLabel?.float)?.mistakes ?? []).map(({ image }) => image),
    ...(agreement?.differences ?? []).slice(0, MOST_DIFFERENCES).map(({ image }) => image),
  ]);
  const threads = new DecodeThreads(availableParallelism());
  const images = await Promise.all(
    [...shown].map(async (index): Promise<[number, ReportImage]> => {
      const { path } = examples[index]!;
      const small = thumbnails ? await thumbnail(threads, path) : undefined;
      return [index, { name: shortName(path, root), ...(small ? { thumbnail: small } : {}) }];
    }),
  ).finally(() => threads.close());
  return new Map(images);
}

/** A small JPEG, about 5 kB; undefined when the image cannot be read. */
async function thumbnail(threads: DecodeThreads, path: string): Promise<Uint8Array | undefined> {
  try {
    return await threads.jpeg({ source: path, side: 180, of: 'longer', quality: 65 });
  } catch {
    return undefined;
  }
}

/** The path relative to the data set's folder; the last two parts of a path outside it. */
function shortName(path: string, root: string): string {
  const parts = relative(root, path).split(sep);
  return (parts.includes('..') ? parts.slice(-2) : parts).join('/');
}
