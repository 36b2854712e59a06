/**
 * The report of a training run: curves, metrics of the package, configuration and data.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { MetricsReport } from '@hebb/model';
import { type Precision, readPackage } from '@hebb/packages/folder';
import { replaceFile } from '@hebb/packages/storage/write-file';
import type { RunnerBackend } from '@hebb/tensorflow/backend/create-runner';
import type { Dataset } from '../dataset/dataset.ts';
import { relabel } from '../evaluate/classes.ts';
import type { Crops } from '../evaluate/crops.ts';
import type { Metrics } from '../evaluate/metrics.ts';
import type { EpochLog } from '../run/epoch-log.ts';
import { type EvaluationResult, evaluateAll, precisionsOf, reportImages } from './evaluation.ts';
import { configurationFacts, machineFacts, packageFacts } from './facts.ts';
import { reportHtml } from './report.ts';
import type { MultiLabelResult, ReportFacts } from './report-data.ts';

/** Names of the files in a run's folder. */
const FILES = { configuration: 'config.json', log: 'log.jsonl', report: 'report.html' } as const;

export interface RunReportOptions {
  /** Folder with config.json and log.jsonl, where report.html is written. */
  readonly runDir: string;
  readonly packageDir: string;
  /** The package is measured on its validation images. */
  readonly dataset: Dataset;
  /** Name of the data set: `flowers`. */
  readonly dataName: string;
  /** Folder that names of images are relative to. */
  readonly dataRoot: string;
  /** Whether the report holds small copies of images; set false for reports to publish. */
  readonly thumbnails: boolean;
  readonly backend: RunnerBackend;
  readonly crops?: Crops;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly stage?: (precision: Precision, total: number) => (done: number) => void;
}

export interface RunReport extends EvaluationResult {
  /** Path of report.html. */
  readonly file: string;
  /** For `recordResults`. */
  readonly metrics: MetricsReport;
}

/**
 * Measures the package in every precision it has and writes report.html. Throws the errors of
 * `evaluatePackage`.
 */
export async function writeRunReport(options: RunReportOptions): Promise<RunReport> {
  const { runDir, dataset, dataName, dataRoot, backend, crops = 1, stage } = options;
  const folder = await readPackage(options.packageDir);
  const { labels, name } = folder.manifest;
  const examples = relabel(dataset.val, dataset.classes, labels);
  const result = await evaluateAll({
    packages: [folder],
    precisions: precisionsOf(folder),
    examples,
    crops,
    backend,
    ...(stage ? { stage } : {}),
  });
  const curves = await readEpochs(join(runDir, FILES.log));
  const data = crops === 1 ? `${dataName}/val` : `${dataName}/val, ${crops} crops`;
  const page = reportHtml({
    title: `${name}: training report`,
    subtitle: `GoogLeNet on ${dataName}, run ${basename(runDir)}`,
    data,
    created: new Date(options.now()).toISOString(),
    classes: labels.map((label) => label.name),
    ...(curves.length > 0 ? { curves } : {}),
    ...result,
    images: await reportImages(result, examples, dataRoot, options.thumbnails),
    facts: [
      configurationFacts(await readConfiguration(runDir)),
      dataFacts(dataset, dataName),
      packageFacts(folder.manifest),
      machineFacts(backend),
    ],
  });
  const file = join(runDir, FILES.report);
  await replaceFile(file, page);
  return { ...result, file, metrics: metricsReport(result, data) };
}

function dataFacts({ classes, train, val, fingerprint }: Dataset, dataName: string): ReportFacts {
  return {
    title: 'Data',
    rows: [
      ['name', dataName],
      ['classes', String(classes.length)],
      ['images', `${train.length} for training, ${val.length} for validation`],
      ['fingerprint', fingerprint],
    ],
  };
}

/**
 * The entries of log.jsonl. After a killed run an epoch can appear twice (the last entry counts), and a
 * line can be incomplete (it is skipped).
 */
export async function readEpochs(file: string): Promise<EpochLog[]> {
  const epochs = new Map<number, EpochLog>();
  for (const line of ((await readIfThere(file)) ?? '').split('\n')) {
    try {
      const entry = sound(JSON.parse(line) as EpochLog);
      epochs.set(entry.epoch, entry);
    } catch {
      // an incomplete line, or the empty one at the end
    }
  }
  return [...epochs.values()].sort((a, b) => a.epoch - b.epoch);
}

/**
 * Drops figures that are `null`, JSON's form of NaN. In logs of older versions a validation loss of
 * `null` comes with accuracies of the same broken answers: those are dropped too.
 */
function sound(entry: EpochLog): EpochLog {
  const numbers = Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null));
  if (numbers.valLoss !== undefined) return numbers as unknown as EpochLog;
  const {
    valTop1: _,
    valTop5: __,
    valRecall: ___,
    valRecalls: ____,
    valMap: _____,
    valPrecisions: ______,
    ...others
  } = numbers;
  return others as unknown as EpochLog;
}

/** The configuration in config.json; the report shows the file's other parts elsewhere. */
async function readConfiguration(runDir: string): Promise<unknown> {
  const text = await readIfThere(join(runDir, FILES.configuration));
  return text === undefined ? {} : (JSON.parse(text) as { config?: unknown }).config;
}

/** The metrics in percent, as in a manifest. */
function metricsReport({ float, int8, multiLabel }: EvaluationResult, data: string): MetricsReport {
  if (multiLabel) return rankingReport(multiLabel, data);
  const accuracy = ({ top1, top5 }: Metrics) => ({ top1: 100 * top1, top5: 100 * top5 });
  return {
    data,
    images: (float ?? int8)?.images ?? 0,
    ...(float ? { float: accuracy(float) } : {}),
    ...(int8 ? { int8: accuracy(int8) } : {}),
  };
}

function rankingReport({ float, int8 }: MultiLabelResult, data: string): MetricsReport {
  return {
    data,
    images: (float ?? int8)?.images ?? 0,
    meanAveragePrecision: {
      ...(float ? { float: 100 * float.meanAveragePrecision } : {}),
      ...(int8 ? { int8: 100 * int8.meanAveragePrecision } : {}),
    },
  };
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
