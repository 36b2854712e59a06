/**
 * From a configuration to a package with int8 weights and a report.
 * @module
 */
import { basename, join, relative } from 'node:path';
import { HebbError } from '../../shared/model/index.ts';
import type { RunnerBackend } from '../backend/create-runner.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { loadBinding } from '../native/binding.ts';
import { loadKernels } from '../native/kernels.ts';
import { readPackage } from '../packages/folder.ts';
import { recordResults } from '../packages/record-results.ts';
import { writeRunReport } from '../report/run-report.ts';
import { readCheckpoint } from '../train/checkpoint.ts';
import { specOf, type TrainConfig } from '../train/config.ts';
import { runHead } from '../train/head-run.ts';
import type { LoopResult } from '../train/loop.ts';
import { writeTrainedPackage } from '../train/package.ts';
import {
  appendLog,
  checkSameData,
  createRun,
  lineageOf,
  type RunFolder,
  trainingReport,
  truncateLog,
} from '../train/run-folder.ts';
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
  /** Folder of the package. */
  readonly out: string;
  readonly thumbnails: boolean;
  readonly maxLoss: number;
  /** Move files that cannot be trained on out of the data set. */
  readonly fix: boolean;
}

export async function runTrain(
  cli: Cli,
  config: TrainConfig,
  options: TrainRunOptions,
): Promise<void> {
  const shown = (path: string) => relative(cli.cwd, path) || '.';
  const dataset = await readChecked(cli, config, options.fix);
  if (options.run) checkSameData(options.run, dataset);
  const backend = await evaluationBackend(cli, 'auto');
  if (config.epochs > 0) checkCanTrain(backend);
  const run = options.run ?? (await createRun(options.runs, config, dataset, new Date()));
  cli.stderr.write(`run ${shown(run.dir)}, ${backend.reason}\n`);

  const training = new TrainingRun(cli, run, dataset, backend);
  const first = await training.begin();
  const { state, finished } = await training.train(first);
  if (!finished) {
    cli.stderr.write(`Stopped. Go on with: hebb train --resume ${shown(run.dir)}\n`);
    process.exitCode = 130;
    return;
  }
  await writeTrainedPackage(options.out, {
    ...{ name: config.name, spec: specOf(config, dataset.classes.length) },
    ...{ preprocessing: first.preprocessing, classes: dataset.classes, state },
    lineage: lineageOf(run),
    half: config.half ?? false,
  });
  const ready = await quantizeTrained(cli, options.out, dataset, options.maxLoss);
  const report = await writeRunReport({
    ...{ runDir: run.dir, packageDir: options.out, dataset, backend },
    ...{ dataName: basename(config.data), dataRoot: config.data },
    thumbnails: options.thumbnails,
    now: () => Date.now(),
    stage: (precision, total) => startStage(cli, `measure ${precision}`, total),
  });
  await recordResults(options.out, {
    metrics: report.metrics,
    training: trainingReport(run),
  });
  const out = shown(options.out);
  const quantize = `hebb quantize ${out} --calibrate ${shown(config.data)}`;
  const next = `Next: ${ready ? `npm start -- --model ${out}` : `${quantize} --max-loss POINTS`}`;
  cli.stdout.write(`Wrote ${out}. Report: ${shown(report.file)}\n${next}\n`);
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
