/**
 * The report of a training run: how it went, how good the package is, what it was made of.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { MetricsReport } from '../../shared/model/index.ts';
import type { RunnerBackend } from '../backend/create-runner.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { relabel } from '../evaluate/classes.ts';
import type { Crops } from '../evaluate/crops.ts';
import type { Metrics } from '../evaluate/metrics.ts';
import { type Precision, readPackage } from '../packages/folder.ts';
import { replaceFile } from '../storage/write-file.ts';
import type { EpochLog } from '../train/epoch-log.ts';
import { type EvaluationResult, evaluateAll, precisionsOf, reportImages } from './evaluation.ts';
import { configurationFacts, machineFacts, packageFacts } from './facts.ts';
import { reportHtml } from './report.ts';
import type { ReportFacts } from './report-data.ts';

/** Names of the files in a run's folder. */
const FILES = { configuration: 'config.json', log: 'log.jsonl', report: 'report.html' } as const;

export interface RunReportOptions {
  /** Holds config.json and log.jsonl, and gets report.html. */
  readonly runDir: string;
  readonly packageDir: string;
  /** Its validation images are what the package is measured on. */
  readonly dataset: Dataset;
  /** What the data set is called: `flowers`. */
  readonly dataName: string;
  /** Folder that the names of images start from. */
  readonly dataRoot: string;
  /** Small copies of the images that were answered wrongly; leave them out of what is published. */
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
 * Measures the package in every precision it has and writes the run's report.html. Throws what
 * `evaluatePackage` throws.
 */
export async function writeRunReport(options: RunReportOptions): Promise<RunReport> {
  const { runDir, dataset, dataName, dataRoot, backend, crops = 1, stage } = options;
  const folder = await readPackage(options.packageDir);
  const { labels, name } = folder.manifest;
  const examples = relabel(dataset.val, dataset.classes, labels);
  const result = await evaluateAll({
    package: folder,
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
 * The lines of log.jsonl. A run that was killed may have logged an epoch that its resumed self did
 * again, the last counts, and may have left half a line.
 */
export async function readEpochs(file: string): Promise<EpochLog[]> {
  const epochs = new Map<number, EpochLog>();
  for (const line of ((await readIfThere(file)) ?? '').split('\n')) {
    try {
      const entry = sound(JSON.parse(line) as EpochLog);
      epochs.set(entry.epoch, entry);
    } catch {
      // half a line, or the empty one at the end
    }
  }
  return [...epochs.values()].sort((a, b) => a.epoch - b.epoch);
}

/**
 * JSON writes `null` for what is no number. Logs of earlier versions hold it as the validation loss,
 * beside shares that were counted from the same answers: those figures are none, and not the best.
 */
function sound(entry: EpochLog): EpochLog {
  const numbers = Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null));
  if (numbers.valLoss !== undefined) return numbers as unknown as EpochLog;
  const { valTop1: _, valTop5: __, valRecall: ___, ...others } = numbers;
  return others as unknown as EpochLog;
}

/** What config.json holds of the configuration; the rest of it is told elsewhere. */
async function readConfiguration(runDir: string): Promise<unknown> {
  const text = await readIfThere(join(runDir, FILES.configuration));
  return text === undefined ? {} : (JSON.parse(text) as { config?: unknown }).config;
}

/** Shares as the percent that a manifest holds. */
function metricsReport({ float, int8 }: EvaluationResult, data: string): MetricsReport {
  const accuracy = ({ top1, top5 }: Metrics) => ({ top1: 100 * top1, top5: 100 * top5 });
  return {
    data,
    images: (float ?? int8)?.images ?? 0,
    ...(float ? { float: accuracy(float) } : {}),
    ...(int8 ? { int8: accuracy(int8) } : {}),
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
