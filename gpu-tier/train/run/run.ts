/**
 * A training run from its configuration to a package with int8 weights and a report: check the data,
 * train, write the package, quantise, measure.
 * @module
 */
import { basename, dirname, join } from 'node:path';
import type { ImageFile } from '@hebb/images/images';
import { googlenet, HebbError, layerParameters } from '@hebb/model';
import { checkPackageFolder, readPackage } from '@hebb/packages/folder';
import { recordResults } from '@hebb/packages/record-results';
import { type RecordedSplit, readSplit, splitOf } from '@hebb/packages/split';
import { checkDestinations } from '@hebb/packages/storage/preflight';
import type { RunnerBackend } from '@hebb/tensorflow/backend/create-runner';
import { loadBinding } from '@hebb/tensorflow/native/binding';
import { loadKernels as loadNativeKernels } from '@hebb/tensorflow/native/kernels';
import { checkDataset } from '../dataset/checks/check.ts';
import type { Finding } from '../dataset/checks/finding.ts';
import { fixDataset } from '../dataset/checks/fix.ts';
import type { Dataset, Example } from '../dataset/dataset.ts';
import { readDataset } from '../dataset/read.ts';
import { evaluationBackend } from '../evaluate/backend.ts';
import { loadKernels } from '../quantize/kernels.ts';
import { type PipelineResult, quantizePackage } from '../quantize/pipeline.ts';
import { readEpochs, writeRunReport } from '../report/run-report.ts';
import { readCheckpoint } from './checkpoint.ts';
import { specOf, type TrainConfig } from './config.ts';
import { checkBetterThanChance } from './divergence.ts';
import type { EpochLog } from './epoch-log.ts';
import { runHead } from './head-run.ts';
import type { LoopResult } from './loop.ts';
import type { StepProgress } from './loop-options.ts';
import { writeTrainedPackage } from './package.ts';
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
} from './run-folder.ts';
import { lockRun } from './run-lock.ts';
import { fromPackage, fromScratch } from './start.ts';
import { type FirstState, runTraining } from './train.ts';

export interface TrainRunOptions {
  readonly config: TrainConfig;
  /** The run to resume; absent for a new one. */
  readonly run?: RunFolder;
  /** Folder in which a new run gets its own folder. */
  readonly runs: string;
  readonly output: RunOutput;
  /** Move files that cannot be trained on out of the data set first. */
  readonly fix: boolean;
}

export interface TrainRunTools {
  /** Folder of downloads, the native library and cached features. */
  readonly cache: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Runs the training loop; its `shouldStop` turns true when the user asks for an early end. */
  readonly interruptible: <T>(work: (shouldStop: () => boolean) => Promise<T>) => Promise<T>;
  readonly events: TrainRunEvents;
}

/** Counts what is done of a known total. */
type Counter = (done: number) => void;

/** What a run reports while it works. */
export interface TrainRunEvents {
  /** Reading and checking the data; a step's total comes with its first count. */
  step(label: string, unit: string): (done: number, total: number) => void;
  /** The steps are over, or failed. */
  stepsEnd(): void;
  /** Problems of the data set; called only when there are some. */
  onFindings(findings: readonly Finding[]): void;
  /** The run's folder exists and training is about to start. */
  onRun(run: RunFolder, backend: RunnerBackend): void;
  /** `seen` of the validation images were trained on before, for the package `init`. */
  onSeenBefore(seen: number, images: number, init: string): void;
  /** Starts the progress of `total` images. */
  stage(label: string, total: number): Counter;
  /** Starts the progress of a training of `epochs` epochs. */
  training(epochs: number): TrainingProgress;
  /** The features could not be cached; the next run computes them again. */
  onFeaturesNotCached(error: HebbError): void;
  onQuantized(result: PipelineResult): void;
  /** int8 loses too much (`accuracy_loss`); the package has float32 weights only. */
  onNotQuantized(error: HebbError): void;
}

export interface TrainingProgress {
  onStep(progress: StepProgress): void;
  onEpoch(log: EpochLog): void;
  finish(): void;
}

/** How a run ended. `stopped`: early, with a checkpoint to resume from. */
export type TrainOutcome =
  | { readonly kind: 'stopped'; readonly run: RunFolder }
  | {
      readonly kind: 'written';
      /** Folder of the package. */
      readonly out: string;
      /** Path of report.html. */
      readonly report: string;
      /** Whether the package has int8 weights. */
      readonly quantized: boolean;
    };

/**
 * Trains on a data set and writes a package. Holds the run's lock while it works.
 *
 * Throws `invalid_dataset` when files cannot be trained on, `run_in_use`, `native_unavailable` when
 * the trunk is to be trained without TensorFlow, `training_diverged`, `no_better_than_chance`, and
 * the errors of the storage.
 * @example
 * const outcome = await trainPackage({ config, runs: 'runs', output, fix: false }, tools);
 * if (outcome.kind === 'written') console.log(outcome.out);
 */
export async function trainPackage(
  options: TrainRunOptions,
  tools: TrainRunTools,
): Promise<TrainOutcome> {
  const { config, output, run: resumed } = options;
  await checkSpace(options);
  // A resumed run is locked before its images are read, which can take minutes.
  const unlock = resumed ? await lockRun(resumed.dir) : undefined;
  try {
    const dataset = await readChecked(config, options.fix, tools.events);
    if (resumed) checkSameData(resumed, dataset);
    const backend = await evaluationBackend('auto', tools);
    if (config.epochs > 0) checkCanTrain(backend);
    if (resumed) return await new TrainingRun(resumed, dataset, backend, output, tools).run();
    const run = await createRun(options.runs, config, dataset, new Date(), output);
    const unlockNew = await lockRun(run.dir);
    try {
      return await new TrainingRun(run, dataset, backend, output, tools).run();
    } finally {
      await unlockNew();
    }
  } finally {
    await unlock?.();
  }
}

/** Fails now rather than after hours of training when the results cannot be written. */
async function checkSpace({ config, run, runs, output }: TrainRunOptions): Promise<void> {
  const space = spaceOf(config);
  await checkPackageFolder(output.out);
  await checkDestinations([
    { dir: run?.dir ?? runs, bytes: space.run },
    { dir: dirname(output.out), bytes: space.package },
  ]);
}

/**
 * Least number of bytes that a run writes: `run`, a checkpoint and the next one beside it; `package`,
 * weights in float and int8 and the next version beside them. The number of classes is not known yet:
 * the classifier, a small part, is counted with two.
 */
function spaceOf(config: TrainConfig): { readonly run: number; readonly package: number } {
  const layers = googlenet(specOf(config, 2), { auxiliary: config.auxiliary }).layers;
  const numbers = (section?: string) =>
    layers
      .filter((layer) => section === undefined || layer.section === section)
      .flatMap(layerParameters)
      .reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0);
  // The weights, the optimiser's memory of each, and their average.
  const copies = 1 + (config.optimizer === 'adam' ? 2 : 1) + (config.average > 0 ? 1 : 0);
  const checkpoint = config.epochs === 0 ? 0 : 4 * copies * numbers();
  const weights = (config.half ? 2 : 4) * numbers('trunk') + numbers('trunk');
  return { run: 2 * checkpoint, package: 2 * weights };
}

/** Checks the data set, fixes it when `fix` is set, and reads it. */
async function readChecked(
  { data, valShare, seed }: TrainConfig,
  fix: boolean,
  events: TrainRunEvents,
): Promise<Dataset> {
  try {
    const { findings } = await checkDataset(data, {
      valShare,
      onProgress: events.step('checking', 'images'),
    });
    events.stepsEnd();
    if (findings.length > 0) events.onFindings(findings);
    const fixed = fix ? await fixDataset(data, findings) : undefined;
    const broken = findings.filter(
      ({ severity, paths }) =>
        severity === 'error' && !paths.every((path) => fixed?.removed.includes(path)),
    );
    if (broken.length > 0) {
      throw new HebbError(
        'invalid_dataset',
        `${broken.length} files of ${basename(data)} cannot be trained on (✗ above).`,
        { hint: 'Replace them, or move them aside with --fix.' },
      );
    }
    const dataset = await readDataset(data, {
      valShare,
      seed,
      onProgress: events.step('reading', 'files'),
    });
    if (dataset.val.length > 0) return dataset;
    throw new HebbError('invalid_dataset', `${basename(data)} has no image to validate on.`, {
      hint: 'Give at least two images of a class, or a folder val/.',
    });
  } finally {
    events.stepsEnd();
  }
}

function checkCanTrain({ addon, reason }: RunnerBackend): void {
  if (addon !== undefined) return;
  const message = `Training the trunk needs native TensorFlow: ${reason}`;
  throw new HebbError('native_unavailable', message, {
    hint: 'Run hebb native install. Without it, --init PACKAGE --head-only trains a classifier.',
  });
}

/** One run on data that were checked, with its folder locked. */
class TrainingRun {
  readonly #run: RunFolder;
  readonly #config: TrainConfig;
  readonly #dataset: Dataset;
  readonly #backend: RunnerBackend;
  readonly #output: RunOutput;
  readonly #tools: TrainRunTools;

  constructor(
    run: RunFolder,
    dataset: Dataset,
    backend: RunnerBackend,
    output: RunOutput,
    tools: TrainRunTools,
  ) {
    this.#run = run;
    this.#config = run.record.config;
    this.#dataset = dataset;
    this.#backend = backend;
    this.#output = output;
    this.#tools = tools;
  }

  async run(): Promise<TrainOutcome> {
    const { events } = this.#tools;
    const [run, config, dataset] = [this.#run, this.#config, this.#dataset];
    const { out, maxLoss, thumbnails } = this.#output;
    events.onRun(run, this.#backend);

    const split = splitOf(dataset, await splitOfStart(config));
    const seen = dataset.val.filter(({ sha256 }) => split.earlier.has(sha256)).length;
    if (seen > 0) events.onSeenBefore(seen, dataset.val.length, basename(config.init));

    const first = await this.#firstState();
    const { state, finished } = await this.#train(first);
    if (!finished) return { kind: 'stopped', run };
    await checkResult(run, dataset);
    await writeTrainedPackage(out, {
      name: config.name,
      spec: specOf(config, dataset.classes.length),
      preprocessing: first.preprocessing,
      classes: dataset.classes,
      state,
      lineage: lineageOf(run),
      split,
      half: config.half ?? false,
    });
    const quantized = await this.#quantize(out, maxLoss);
    const report = await writeRunReport({
      runDir: run.dir,
      packageDir: out,
      dataset,
      backend: this.#backend,
      dataName: basename(config.data),
      dataRoot: config.data,
      thumbnails,
      now: () => Date.now(),
      stage: (precision, total) => events.stage(`measure ${precision}`, total),
    });
    await recordResults(out, { metrics: report.metrics, training: trainingReport(run) });
    return { kind: 'written', out, report: report.file, quantized };
  }

  /** The first weights; for a package's trunk, after the training of its new classifier. */
  async #firstState(): Promise<FirstState> {
    const config = this.#config;
    const classes = this.#dataset.classes.length;
    if (config.init === 'scratch') return fromScratch(config, classes);
    const source = await readPackage(config.init);
    const first = await fromPackage(config, classes, source);
    // A checkpoint's classifier has been trained further than this one would be.
    if (config.headEpochs === 0 || (await readCheckpoint(this.#run.dir))) return first;
    await truncateLog(this.#run.dir, 0);
    const { cache, events, now } = this.#tools;
    let logged = Promise.resolve(); // appended one after the other, to keep the order of the epochs
    const progress = events.training(config.headEpochs);
    const { kernel, bias } = await runHead({
      config,
      dataset: this.#dataset,
      source,
      backend: this.#backend,
      cache: join(cache, 'features'),
      now,
      date: () => new Date(),
      onNotKept: (error) => events.onFeaturesNotCached(error),
      onImages: (side, total) => events.stage(`features of ${side}`, total),
      onEpoch: (log) => {
        logged = logged.then(() => appendLog(this.#run.dir, log));
        if (log.epoch % 10 === 0 || log.epoch === config.headEpochs) progress.onEpoch(log);
      },
    });
    await logged;
    const state = new Map([...first.state, ['linear/kernel', kernel], ['linear/bias', bias]]);
    return { ...first, state };
  }

  async #train(first: FirstState): Promise<LoopResult> {
    if (this.#config.epochs === 0) return { state: first.state, finished: true };
    const { interruptible, events, now } = this.#tools;
    const { addon, kernels } = this.#backend;
    const binding = loadBinding(addon!);
    if (kernels !== undefined) loadNativeKernels(kernels);
    const progress = events.training(this.#config.epochs);
    try {
      return await interruptible((shouldStop) =>
        runTraining(this.#run, this.#dataset, first, {
          binding,
          kernels: kernels !== undefined,
          now,
          date: () => new Date(),
          onStep: (step) => progress.onStep(step),
          onEpoch: (log) => progress.onEpoch(log),
          shouldStop,
        }),
      );
    } finally {
      progress.finish();
    }
  }

  /**
   * Quantises the package on training images and compares int8 with float32 on the validation images.
   * If int8 loses more than `maxLoss` points, the package keeps its float32 weights only: the training
   * is not lost.
   * @returns whether the package has int8 weights
   */
  async #quantize(dir: string, maxLoss: number): Promise<boolean> {
    const { train, val, classes } = this.#dataset;
    const { events } = this.#tools;
    const files = (examples: readonly Example[]): ImageFile[] =>
      examples.map(({ path, label }) => ({ path, label: classes[label]! }));
    try {
      const result = await quantizePackage(
        await readPackage(dir),
        {
          calibrate: files(train),
          evaluate: files(val),
          calibrationImages: CALIBRATION_IMAGES,
          scales: { rule: 'percentile', percent: 99.99 },
          biasCorrection: 'auto',
          gate: { maxLoss, minAgreement: 90 },
          out: dir,
        },
        {
          backend: this.#backend,
          kernels: await loadKernels(),
          stage: (label, total) => events.stage(label, total),
        },
      );
      events.onQuantized(result);
      return true;
    } catch (error) {
      if (!(error instanceof HebbError) || error.code !== 'accuracy_loss') throw error;
      events.onNotQuantized(error);
      return false;
    }
  }
}

/** Training images for the calibration of activations, evenly spread over all of them. */
const CALIBRATION_IMAGES = 200;

/** The split that the package of `init` was trained with. */
async function splitOfStart({ init }: TrainConfig): Promise<RecordedSplit | undefined> {
  const text = init === 'scratch' ? undefined : await (await readPackage(init)).split();
  return text === undefined ? undefined : readSplit(text);
}

/** Checks the last validation of the log; after a resume an earlier process may have written it. */
async function checkResult({ dir }: RunFolder, dataset: Dataset): Promise<void> {
  const log = await readEpochs(join(dir, RUN_FILES.log));
  const recall = log.findLast(({ valRecall }) => valRecall !== undefined)?.valRecall;
  if (recall !== undefined) checkBetterThanChance(recall, dataset);
}
