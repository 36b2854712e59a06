/**
 * From a configuration to a package with int8 weights and a report.
 * @module
 */
import { basename, dirname, join, relative } from 'node:path';
import { HebbError } from '../../shared/model/index.ts';
import type { RunnerBackend } from '../backend/create-runner.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { loadBinding } from '../native/binding.ts';
import { loadKernels } from '../native/kernels.ts';
import { checkPackageFolder, readPackage } from '../packages/folder.ts';
import { recordResults } from '../packages/record-results.ts';
import { type RecordedSplit, readSplit, splitOf } from '../packages/split.ts';
import { readEpochs, writeRunReport } from '../report/run-report.ts';
import { checkDestinations } from '../storage/preflight.ts';
import { isStorageError, storageError } from '../storage/storage-error.ts';
import { readCheckpoint } from '../train/checkpoint.ts';
import { specOf, type TrainConfig } from '../train/config.ts';
import { checkBetterThanChance } from '../train/divergence.ts';
import { runHead } from '../train/head-run.ts';
import type { LoopResult } from '../train/loop.ts';
import { writeTrainedPackage } from '../train/package.ts';
import {
  appendLog,
  checkSameData,
  createRun,
  lineageOf,
  RUN_FILES,
  type RunFolder,
  type RunOutput,
  trainingReport,
  truncateLog,
} from '../train/run-folder.ts';
import { lockRun } from '../train/run-lock.ts';
import { spaceOf } from '../train/space.ts';
import { fromPackage, fromScratch } from '../train/start.ts';
import { type FirstState, runTraining } from '../train/train.ts';
import { cacheFolder } from './cache.ts';
import type { Cli } from './cli.ts';
import { evaluationBackend } from './eval-backend.ts';
import { startStage } from './stage.ts';
import { readChecked } from './train-data.ts';
import { trainProgress } from './train-progress.ts';
import { quantizeTrained } from './train-quantize.ts';

export interface TrainRunOptions {
  /** The run to go on with; a new one otherwise. */
  readonly run?: RunFolder;
  /** Folder of runs. */
  readonly runs: string;
  readonly output: RunOutput;
  /** Move files that cannot be trained on out of the data set. */
  readonly fix: boolean;
}

export async function runTrain(
  cli: Cli,
  config: TrainConfig,
  options: TrainRunOptions,
): Promise<void> {
  await checkRoom(config, options);
  // A run that goes on is taken before its images are read, which may be minutes.
  const resumed = options.run;
  const unlock = resumed ? await lockRun(resumed.dir) : undefined;
  try {
    const dataset = await readChecked(cli, config, options.fix);
    if (resumed) checkSameData(resumed, dataset);
    const backend = await evaluationBackend(cli, 'auto');
    if (config.epochs > 0) checkCanTrain(backend);
    if (resumed) {
      await trainAndPackage(cli, resumed, dataset, backend, options.output);
      return;
    }
    const run = await createRun(options.runs, config, dataset, new Date(), options.output);
    const unlockNew = await lockRun(run.dir);
    try {
      await trainAndPackage(cli, run, dataset, backend, options.output);
    } finally {
      await unlockNew();
    }
  } finally {
    await unlock?.();
  }
}

/** Finds out now what would end the run when hours of work are to be written. */
async function checkRoom(
  config: TrainConfig,
  { run, runs, output }: TrainRunOptions,
): Promise<void> {
  const space = spaceOf(config);
  await checkPackageFolder(output.out);
  await checkDestinations([
    { dir: run?.dir ?? runs, bytes: space.run },
    { dir: dirname(output.out), bytes: space.package },
  ]);
}

async function trainAndPackage(
  cli: Cli,
  run: RunFolder,
  dataset: Dataset,
  backend: RunnerBackend,
  output: RunOutput,
): Promise<void> {
  const resume = `hebb train --resume ${relative(cli.cwd, run.dir) || '.'}`;
  try {
    await trained(cli, run, dataset, backend, output);
  } catch (error) {
    const failure = storageError(error) ?? error;
    if (!isStorageError(failure)) throw error;
    const first = failure.code === 'disk_full' ? 'Free some space' : 'Make it writable';
    throw new HebbError(failure.code, failure.message, {
      hint: `${first}, then go on with: ${resume}`,
      cause: error,
    });
  }
}

async function trained(
  cli: Cli,
  run: RunFolder,
  dataset: Dataset,
  backend: RunnerBackend,
  output: RunOutput,
): Promise<void> {
  const shown = (path: string) => relative(cli.cwd, path) || '.';
  const { config } = run.record;
  cli.stderr.write(`run ${shown(run.dir)}, ${backend.reason}\n`);

  const split = splitOf(dataset, await splitOfStart(config));
  const known = dataset.val.filter(({ sha256 }) => split.earlier.has(sha256)).length;
  if (known > 0) {
    cli.stderr.write(
      `! ${known} of ${dataset.val.length} validation images were trained on before, for ${basename(config.init)}: figures will be better than they should be\n`,
    );
  }

  const training = new TrainingRun(cli, run, dataset, backend);
  const first = await training.begin();
  const { state, finished } = await training.train(first);
  if (!finished) {
    cli.stderr.write(`Stopped. Go on with: hebb train --resume ${shown(run.dir)}\n`);
    process.exitCode = 130;
    return;
  }
  await checkResult(run, dataset);
  await writeTrainedPackage(output.out, {
    ...{ name: config.name, spec: specOf(config, dataset.classes.length) },
    ...{ preprocessing: first.preprocessing, classes: dataset.classes, state },
    lineage: lineageOf(run),
    split,
    half: config.half ?? false,
  });
  const ready = await quantizeTrained(cli, output.out, dataset, output.maxLoss);
  const report = await writeRunReport({
    ...{ runDir: run.dir, packageDir: output.out, dataset, backend },
    ...{ dataName: basename(config.data), dataRoot: config.data },
    thumbnails: output.thumbnails,
    now: () => Date.now(),
    stage: (precision, total) => startStage(cli, `measure ${precision}`, total),
  });
  await recordResults(output.out, {
    metrics: report.metrics,
    training: trainingReport(run),
  });
  const out = shown(output.out);
  const quantize = `hebb quantize ${out} --calibrate ${shown(config.data)}`;
  const next = `Next: ${ready ? `npm start -- --model ${out}` : `${quantize} --max-loss POINTS`}`;
  cli.stdout.write(`Wrote ${out}. Report: ${shown(report.file)}\n${next}\n`);
}

/** What the package that a run starts from was trained on. */
async function splitOfStart({ init }: TrainConfig): Promise<RecordedSplit | undefined> {
  const text = init === 'scratch' ? undefined : await (await readPackage(init)).split();
  return text === undefined ? undefined : readSplit(text);
}

/** The last validation, whether this process or the one before it made it. */
async function checkResult({ dir }: RunFolder, dataset: Dataset): Promise<void> {
  const log = await readEpochs(join(dir, RUN_FILES.log));
  const recall = log.findLast(({ valRecall }) => valRecall !== undefined)?.valRecall;
  if (recall !== undefined) checkBetterThanChance(recall, dataset);
}

function checkCanTrain({ addon, reason }: RunnerBackend): void {
  if (addon !== undefined) return;
  const message = `Training the trunk takes native TensorFlow: ${reason}`;
  throw new HebbError('native_unavailable', message, {
    hint: 'Run hebb native install. Without it, --init PACKAGE --head-only trains a classifier.',
  });
}

class TrainingRun {
  readonly #cli: Cli;
  readonly #run: RunFolder;
  readonly #config: TrainConfig;
  readonly #dataset: Dataset;
  readonly #backend: RunnerBackend;

  constructor(cli: Cli, run: RunFolder, dataset: Dataset, backend: RunnerBackend) {
    this.#cli = cli;
    this.#run = run;
    this.#config = run.record.config;
    this.#dataset = dataset;
    this.#backend = backend;
  }

  /** The first weights; with a package's trunk, after its new classifier was trained. */
  async begin(): Promise<FirstState> {
    const config = this.#config;
    const classes = this.#dataset.classes.length;
    if (config.init === 'scratch') return fromScratch(config, classes);
    const source = await readPackage(config.init);
    const first = await fromPackage(config, classes, source);
    // A checkpoint has a classifier that was trained further.
    if (config.headEpochs === 0 || (await readCheckpoint(this.#run.dir))) return first;
    await truncateLog(this.#run.dir, 0);
    const logs: Promise<void>[] = [];
    const progress = trainProgress(this.#cli, config.headEpochs);
    const { kernel, bias } = await runHead({
      ...{ config, dataset: this.#dataset, source, backend: this.#backend },
      cache: join(cacheFolder(this.#cli), 'features'),
      now: this.#cli.now,
      date: () => new Date(),
      onNotKept: ({ message }) =>
        this.#cli.stderr.write(`The features are not kept for the next run: ${message}\n`),
      onImages: (side, total) => startStage(this.#cli, `features of ${side}`, total),
      onEpoch: (log) => {
        logs.push(appendLog(this.#run.dir, log));
        if (log.epoch % 10 === 0 || log.epoch === config.headEpochs) progress.onEpoch(log);
      },
    });
    await Promise.all(logs);
    const state = new Map([...first.state, ['linear/kernel', kernel], ['linear/bias', bias]]);
    return { ...first, state };
  }

  async train(first: FirstState): Promise<LoopResult> {
    if (this.#config.epochs === 0) return { state: first.state, finished: true };
    const { addon, kernels } = this.#backend;
    const binding = loadBinding(addon!);
    if (kernels !== undefined) loadKernels(kernels);
    const progress = trainProgress(this.#cli, this.#config.epochs);
    try {
      return await withInterrupt((shouldStop) =>
        runTraining(this.#run, this.#dataset, first, {
          binding,
          kernels: kernels !== undefined,
          now: this.#cli.now,
          date: () => new Date(),
          onStep: progress.onStep,
          onEpoch: progress.onEpoch,
          shouldStop,
        }),
      );
    } finally {
      progress.finish();
    }
  }
}

/** The first Ctrl-C ends the run after its step, the second ends the process as ever. */
async function withInterrupt<T>(work: (shouldStop: () => boolean) => Promise<T>): Promise<T> {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  let stop = false;
  const off = () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  const onSignal = () => {
    stop = true;
    off();
  };
  for (const signal of signals) process.on(signal, onSignal);
  try {
    return await work(() => stop);
  } finally {
    off();
  }
}
