/**
 * From a configuration to a package with int8 weights and a report.
 * @module
 */
import { basename, relative } from 'node:path';
import { HebbError, type NetworkSpec } from '../../shared/model/index.ts';
import type { RunnerBackend } from '../backend/create-runner.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { readDataset } from '../dataset/read.ts';
import { loadBinding } from '../native/binding.ts';
import { writeRunReport } from '../report/run-report.ts';
import type { TrainConfig } from '../train/config.ts';
import type { LoopResult } from '../train/loop.ts';
import { defaultPreprocessing, writeTrainedPackage } from '../train/package.ts';
import { checkSameData, createRun, type RunFolder } from '../train/run-folder.ts';
import { runTraining } from '../train/train.ts';
import type { Cli } from './cli.ts';
import { evaluationBackend } from './eval-backend.ts';
import { startProgress } from './progress.ts';
import { quantizeTrained } from './train-quantize.ts';
import { trainProgress } from './train-progress.ts';

export interface TrainRunOptions {
  /** The run to go on with; a new one otherwise. */
  readonly run?: RunFolder;
  /** Folder of runs. */
  readonly runs: string;
  /** Folder of the package. */
  readonly out: string;
  readonly thumbnails: boolean;
  readonly maxLoss: number;
}

export async function runTrain(
  cli: Cli,
  config: TrainConfig,
  options: TrainRunOptions,
): Promise<void> {
  const shown = (path: string) => relative(cli.cwd, path) || '.';
  const dataset = await read(cli, config);
  if (options.run) checkSameData(options.run, dataset);
  const backend = await evaluationBackend(cli, 'auto');
  const run = options.run ?? (await createRun(options.runs, config, dataset, new Date()));
  cli.stderr.write(`run ${shown(run.dir)}, ${backend.reason}\n`);

  const preprocessing = defaultPreprocessing(config.inputSize);
  const first = { preprocessing, weights: new Map<string, Float32Array>() };
  const { state, finished } = await withInterrupt((shouldStop) =>
    runNative(cli, run, dataset, first, backend, shouldStop),
  );
  if (!finished) {
    cli.stderr.write(`Stopped. Go on with: hebb train --resume ${shown(run.dir)}\n`);
    process.exitCode = 130;
    return;
  }
  const spec: NetworkSpec = {
    variant: config.variant,
    classes: dataset.classes.length,
    inputSize: config.inputSize,
  };
  await writeTrainedPackage(options.out, {
    ...{ name: config.name, spec, preprocessing, classes: dataset.classes, state },
    lineage: lineageOf(run, dataset),
  });
  cli.stderr.write(`wrote ${shown(options.out)}\n`);
  await quantizeTrained(cli, options.out, dataset, options.maxLoss);
  const report = await writeRunReport({
    runDir: run.dir,
    packageDir: options.out,
    dataset,
    dataName: basename(config.data),
    dataRoot: config.data,
    thumbnails: options.thumbnails,
    backend,
    now: () => Date.now(),
  });
  cli.stdout.write(`${shown(options.out)}: ready for the edge. Report: ${shown(report.file)}\n`);
}

async function read(cli: Cli, config: TrainConfig): Promise<Dataset> {
  const progress = startProgress({
    ...{ label: `reading ${basename(config.data)}`, unit: 'files', stream: cli.stderr },
    now: cli.now,
  });
  try {
    return await readDataset(config.data, {
      valShare: config.valShare,
      seed: config.seed,
      onProgress: (done) => progress.update(done),
    });
  } finally {
    progress.finish();
  }
}

async function runNative(
  cli: Cli,
  run: RunFolder,
  dataset: Dataset,
  first: Parameters<typeof runTraining>[2],
  backend: RunnerBackend,
  shouldStop: () => boolean,
): Promise<LoopResult> {
  if (backend.addon === undefined) {
    throw new HebbError('native_unavailable', `Training the trunk takes native TensorFlow: ${backend.reason}`, {
      hint: 'Run hebb native install. Without it, --init PACKAGE --head-only trains a classifier.',
    });
  }
  const progress = trainProgress(cli, run.record.config.epochs);
  try {
    return await runTraining(run, dataset, first, {
      binding: loadBinding(backend.addon),
      now: cli.now,
      date: () => new Date(),
      onStep: progress.onStep,
      onEpoch: progress.onEpoch,
      shouldStop,
    });
  } finally {
    progress.finish();
  }
}

/** The first Ctrl-C ends the run after its step, the second ends the process as ever. */
async function withInterrupt<T>(work: (shouldStop: () => boolean) => Promise<T>): Promise<T> {
  let stop = false;
  const onSignal = () => {
    stop = true;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  try {
    return await work(() => stop);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal);
  }
}

function lineageOf({ dir, record }: RunFolder, { fingerprint, train, val }: Dataset) {
  const { config } = record;
  return {
    run: basename(dir),
    start: config.init === 'scratch' ? 'scratch' : basename(config.init),
    data: `${basename(config.data)}: ${train.length} images for training, ${val.length} for validation`,
    data_fingerprint: fingerprint,
    epochs: String(config.headEpochs + config.epochs),
  };
}
