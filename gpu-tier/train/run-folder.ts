/**
 * `runs/<id>/`: everything about a run. config.json (what it was told, on which data), log.jsonl (a
 * line per epoch), events (TensorBoard), checkpoint.safetensors, at the end report.html.
 * @module
 */
import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { HebbError, type TrainingReport } from '../../shared/model/index.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { storageError, writing } from '../storage/storage-error.ts';
import { replaceFile } from '../storage/write-file.ts';
import type { TrainConfig } from './config.ts';
import type { EpochLog } from './epoch-log.ts';

export const RUN_FILES = {
  config: 'config.json',
  log: 'log.jsonl',
  report: 'report.html',
} as const;

/** What becomes of the weights once they are trained. */
export interface RunOutput {
  /** Folder of the package, absolute. */
  readonly out: string;
  /** Small copies of images in the report. */
  readonly thumbnails: boolean;
  /** Points of top-1 that int8 may lose. */
  readonly maxLoss: number;
}

/** What config.json holds. */
export interface RunRecord {
  readonly config: TrainConfig;
  /** Absent in runs of Hebb before this was recorded. */
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

/** Makes the folder `<runs>/<date>-<name>`. */
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
    throw new HebbError('invalid_argument', `The run ${dir} is there already.`, {
      hint: 'Wait a second, or go on with it: hebb train --resume.',
      cause,
    });
  }
  try {
    await replaceFile(join(dir, RUN_FILES.config), `${JSON.stringify(record, null, 2)}\n`);
  } catch (error) {
    await rm(dir, { recursive: true, force: true }); // a run without it could not be gone on with
    throw error;
  }
  return { dir, record };
}

/** Opens a run to go on with. Throws `file_not_found`. */
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
    return { dir, record: JSON.parse(text) as RunRecord };
  } catch (cause) {
    throw new HebbError('file_not_found', `${join(dir, RUN_FILES.config)} is no JSON.`, {
      hint: 'Start a new run.',
      cause,
    });
  }
}

/** A run may only go on with the images it began with. */
export function checkSameData({ record }: RunFolder, { fingerprint }: Dataset): void {
  if (record.data.fingerprint === fingerprint) return;
  throw new HebbError('invalid_argument', 'The images are not those that this run began with.', {
    hint: 'Bring the data back to what it was, or start a new run.',
  });
}

export async function appendLog(dir: string, log: EpochLog): Promise<void> {
  const file = join(dir, RUN_FILES.log);
  await writing(file, () => appendFile(file, `${JSON.stringify(log)}\n`));
}

/** Takes back what was logged after the checkpoint: those epochs are done again. */
export async function truncateLog(dir: string, epochs: number): Promise<void> {
  const file = join(dir, RUN_FILES.log);
  const text = await readFile(file, 'utf8').catch(() => '');
  const kept = text.split('\n').filter((line) => epochOf(line) <= epochs);
  await replaceFile(file, kept.map((line) => `${line}\n`).join(''));
}

/** A killed run may have left half a line, which counts as none. */
function epochOf(line: string): number {
  try {
    return (JSON.parse(line) as EpochLog).epoch;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Where a package's weights came from. */
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
  return {
    data: basename(config.data),
    images: data.train,
    fingerprint: data.fingerprint,
    settings: {
      start: init === 'scratch' ? 'from scratch' : `package ${basename(init)}`,
      ...(headEpochs > 0 ? { 'classifier epochs': String(headEpochs) } : {}),
      ...(epochs > 0
        ? {
            epochs: String(epochs),
            batch: String(batchSize),
            optimiser: `${optimizer}, rate ${rate}, ${schedule} schedule`,
            'image sizes': config.sizes.map(([, size]) => size).join(', '),
            'auxiliary classifiers': config.auxiliary ? 'yes' : 'no',
            precision,
          }
        : {}),
    },
  };
}
