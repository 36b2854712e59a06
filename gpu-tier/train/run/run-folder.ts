/**
 * The folder of a run, `runs/<id>/`: config.json (configuration and data), log.jsonl (a line per epoch),
 * TensorBoard events, checkpoint.safetensors, and finally report.html.
 * @module
 */
import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HebbError, type TrainingReport } from '@hebb/model';
import { storageError, writing } from '@hebb/packages/storage/storage-error';
import { replaceFile } from '@hebb/packages/storage/write-file';
import type { Dataset } from '../dataset/dataset.ts';
import packageJson from '../package.json' with { type: 'json' };
import type { TrainConfig } from './config.ts';
import type { EpochLog } from './epoch-log.ts';

export const RUN_FILES = {
  config: 'config.json',
  log: 'log.jsonl',
  report: 'report.html',
} as const;

/** What a run writes once its weights are trained. */
export interface RunOutput {
  /** Folder of the package, absolute. */
  readonly out: string;
  /** Whether the report holds small copies of images. */
  readonly thumbnails: boolean;
  /** Points of top-1 that int8 may lose. */
  readonly maxLoss: number;
  /** False: the package gets float weights only. Absent (true) in runs of older versions. */
  readonly quantize?: boolean;
}

/** Options that the first versions did not have, with the values that change nothing. */
const ADDED_LATER = {
  head: 'averagePool',
  trunkRate: 1,
  holdOut: 0,
  qatEpochs: 0,
  qatRate: 0.0005,
  multiLabel: false,
  balance: 'none',
  cutmix: 0,
  trivialAugment: false,
  erasing: 0,
} as const satisfies Partial<TrainConfig>;

/** The content of config.json. */
export interface RunRecord {
  readonly config: TrainConfig;
  /** Absent in runs of older versions. */
  readonly output?: RunOutput;
  readonly data: {
    readonly fingerprint: string;
    readonly classes: readonly string[];
    readonly train: number;
    readonly val: number;
  };
  /** Hebb's version. */
  readonly hebb: string;
  readonly created: string;
}

export interface RunFolder {
  readonly dir: string;
  readonly record: RunRecord;
}

/** Makes the folder `<runs>/<date>-<name>`. Throws `invalid_argument` when it exists. */
export async function createRun(
  runs: string,
  config: TrainConfig,
  { fingerprint, classes, train, val }: Dataset,
  date: Date,
  output?: RunOutput,
): Promise<RunFolder> {
  const stamp = date.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  const dir = join(runs, `${stamp}-${config.name}`);
  const record: RunRecord = {
    config,
    ...(output ? { output } : {}),
    data: { fingerprint, classes, train: train.length, val: val.length },
    hebb: packageJson.version,
    created: date.toISOString(),
  };
  await writing(runs, () => mkdir(runs, { recursive: true }));
  try {
    await mkdir(dir);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw storageError(cause, dir) ?? cause;
    throw new HebbError('invalid_argument', `The run ${dir} already exists.`, {
      hint: 'Wait a second, or resume it: hebb train --resume.',
      cause,
    });
  }
  try {
    await replaceFile(join(dir, RUN_FILES.config), `${JSON.stringify(record, null, 2)}\n`);
  } catch (error) {
    await rm(dir, { recursive: true, force: true }); // without the file it could not be resumed
    throw error;
  }
  return { dir, record };
}

/** Opens a run to resume it. Throws `file_not_found`. */
export async function openRun(dir: string): Promise<RunFolder> {
  let text: string;
  try {
    text = await readFile(join(dir, RUN_FILES.config), 'utf8');
  } catch (cause) {
    throw new HebbError('file_not_found', `There is no run in ${dir}.`, {
      hint: `Name a folder under runs/ that holds ${RUN_FILES.config}.`,
      cause,
    });
  }
  try {
    const record = JSON.parse(text) as RunRecord;
    return { dir, record: { ...record, config: { ...ADDED_LATER, ...record.config } } };
  } catch (cause) {
    throw new HebbError('file_not_found', `${join(dir, RUN_FILES.config)} is not JSON.`, {
      hint: 'Start a new run.',
      cause,
    });
  }
}

/** Throws `invalid_argument` when a run would resume with images other than its own. */
export function checkSameData({ record }: RunFolder, { fingerprint }: Dataset): void {
  if (record.data.fingerprint === fingerprint) return;
  throw new HebbError(
    'invalid_argument',
    'The images differ from those that this run began with.',
    {
      hint: 'Restore the data set, or start a new run.',
    },
  );
}

export async function appendLog(dir: string, log: EpochLog): Promise<void> {
  const file = join(dir, RUN_FILES.log);
  await writing(file, () => appendFile(file, `${JSON.stringify(log)}\n`));
}

/** Removes the entries after the checkpoint: a resumed run does those epochs again. */
export async function truncateLog(dir: string, epochs: number): Promise<void> {
  const file = join(dir, RUN_FILES.log);
  const text = await readFile(file, 'utf8').catch(() => '');
  const kept = text.split('\n').filter((line) => epochOf(line) <= epochs);
  await replaceFile(file, kept.map((line) => `${line}\n`).join(''));
}

/** The epoch of an entry; a killed run may have left half a line, which is dropped. */
function epochOf(line: string): number {
  try {
    return (JSON.parse(line) as EpochLog).epoch;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** The origin of a package's weights. */
export function lineageOf({ dir, record }: RunFolder): Record<string, string> {
  const { config, data } = record;
  return {
    run: basename(dir),
    start: config.init === 'scratch' ? 'scratch' : basename(config.init),
    data_fingerprint: data.fingerprint,
  };
}

/** How a package was trained, for its card. */
export function trainingReport({ record }: RunFolder): TrainingReport {
  const { config, data } = record;
  const { init, headEpochs, epochs, batchSize, optimizer, rate, schedule, precision } = config;
  const { qatEpochs = 0 } = config;
  return {
    data: basename(config.data),
    images: data.train,
    fingerprint: data.fingerprint,
    settings: {
      start: init === 'scratch' ? 'from scratch' : `package ${basename(init)}`,
      ...(config.multiLabel ? { labels: 'several to an image' } : {}),
      ...((config.balance ?? 'none') === 'none' ? {} : { 'unequal classes': config.balance }),
      ...(headEpochs > 0 ? { 'classifier epochs': String(headEpochs) } : {}),
      ...(epochs > 0
        ? {
            epochs: String(epochs),
            batch: String(batchSize),
            optimiser: `${optimizer}, rate ${rate}, ${schedule} schedule`,
            'image sizes': config.sizes.map(([, size]) => size).join(', '),
            'auxiliary classifiers': config.auxiliary ? 'yes' : 'no',
            ...(config.head === 'fullyConnected' ? { head: 'fully connected' } : {}),
            precision,
          }
        : {}),
      ...(qatEpochs > 0 ? { 'epochs for int8': `${qatEpochs}, rate ${config.qatRate}` } : {}),
    },
  };
}
