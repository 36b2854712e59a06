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
import type { Dataset, Example, HashedExample } from '../dataset/dataset.ts';
import { readDataset } from '../dataset/read.ts';
import { evaluationBackend } from '../evaluate/backend.ts';
import { relabel } from '../evaluate/classes.ts';
import { evaluatePackage } from '../evaluate/evaluate.ts';
import { isMultiLabel, withThresholds } from '../evaluate/multi-label.ts';
import { loadKernels } from '../quantize/kernels.ts';
import { type PipelineResult, quantizePackage } from '../quantize/pipeline.ts';
import type { TrainedScales } from '../quantize/plan.ts';
import { readEpochs, writeRunReport } from '../report/run-report.ts';
import type { TrainingState } from '../step/session.ts';
import { readCheckpoint } from './checkpoint.ts';
import { specOf, type TrainConfig } from './config.ts';
import { checkBetterThanChance, checkRankingBetterThanChance } from './divergence.ts';
import type { EpochLog } from './epoch-log.ts';
import { priorBias } from './head.ts';
import { runHead } from './head-run.ts';
import { type TrainingData, withHoldOut } from './hold-out.ts';
import type { LoopResult } from './loop.ts';
import type { StepProgress } from './loop-options.ts';
import { writeTrainedPackage } from './package.ts';
import { QAT_CHECKPOINT, qatConfig, qatEpochs, qatResult, qatStart, RANGE_IMAGES } from './qat.ts';
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
import { type FirstState, runTraining, type TrainPhase } from './train.ts';

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
  /** Which epoch the held-out images chose; `epoch` 0: the classifier alone. */
  onKept(best: NonNullable<LoopResult['best']>): void;
  onQuantized(result: PipelineResult): void;
  /**
   * int8 loses too much (`accuracy_loss`), or the network cannot be quantised (`unsupported_model`): the
   * package has float32 weights only.
   */
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
    if (config.epochs + qatEpochs(config) > 0) checkCanTrain(backend);
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
  const numbers = (...sections: string[]) =>
    layers
      .filter(({ section }) => sections.length === 0 || sections.includes(section))
      .flatMap(layerParameters)
      .reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0);
  // The weights, the optimiser's memory of each, and their average.
  const weightCopies = 1 + (config.average > 0 ? 1 : 0);
  const copies = weightCopies + (config.optimizer === 'sgd' ? 1 : 2);
  const checkpoint = config.epochs === 0 ? 0 : 4 * copies * numbers();
  const qat = qatEpochs(config) === 0 ? 0 : 4 * 3 * numbers('trunk', 'head');
  const served = numbers('trunk', 'head');
  const int8 = config.head === 'fullyConnected' ? 0 : served;
  const weights = (config.half ? 2 : 4) * served + int8;
  const best = config.epochs === 0 || config.holdOut === 0 ? 0 : 4 * weightCopies * numbers();
  return { run: 2 * (checkpoint + best + qat), package: 2 * weights };
}

/** Checks the data set, fixes it when `fix` is set, and reads it. */
async function readChecked(
  { data, valShare, seed, multiLabel = false }: TrainConfig,
  fix: boolean,
  events: TrainRunEvents,
): Promise<Dataset> {
  try {
    const { findings } = await checkDataset(data, {
      valShare,
      multiLabel,
      onProgress: events.step('checking', 'images'),
    });
    events.stepsEnd();
    if (findings.length > 0) events.onFindings(findings);
    const fixed = fix ? await fixDataset(data, findings, multiLabel) : undefined;
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
      multiLabel,
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

interface TrainedState extends LoopResult {
  /** After a training for int8. */
  readonly scales?: TrainedScales;
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
    const { out, maxLoss, thumbnails, quantize = true } = this.#output;
    events.onRun(run, this.#backend);

    const split = splitOf(dataset, await splitOfStart(config));
    const seen = dataset.val.filter(({ sha256 }) => split.earlier.has(sha256)).length;
    if (seen > 0) events.onSeenBefore(seen, dataset.val.length, basename(config.init));

    const adapts = qatEpochs(config) > 0;
    const data = withHoldOut(dataset, config);
    const first = await this.#firstState(data);
    const { state, finished, best, scales } = await this.#train(first, data);
    if (!finished) return { kind: 'stopped', run };
    const kept = adapts || !best ? Number.POSITIVE_INFINITY : config.headEpochs + best.epoch;
    await checkResult(run, dataset, kept);
    await writeTrainedPackage(out, {
      name: config.name,
      spec: specOf(adapts ? qatConfig(config) : config, dataset.classes.length),
      preprocessing: first.preprocessing,
      classes: dataset.classes,
      state,
      lineage: lineageOf(run),
      split,
      half: config.half ?? false,
    });
    if (dataset.multiLabel) await this.#chooseThresholds(out);
    const quantized = quantize && (await this.#quantize(out, maxLoss, scales));
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
  async #firstState({ holdOut }: TrainingData): Promise<FirstState> {
    const config = this.#config;
    const classes = this.#dataset.classes.length;
    if (config.init === 'scratch') return this.#withPrior(fromScratch(config, classes));
    const source = await readPackage(config.init);
    const loaded = await fromPackage(config, this.#dataset.classes, source);
    // Epochs for int8 alone train the package's own classifier on.
    const first = config.headEpochs + config.epochs === 0 ? loaded : this.#withPrior(loaded);
    // A checkpoint's classifier has been trained further than this one would be.
    const { dir } = this.#run;
    const trained = (await readCheckpoint(dir)) ?? (await readCheckpoint(dir, QAT_CHECKPOINT));
    if (config.headEpochs === 0 || trained) return first;
    await truncateLog(this.#run.dir, 0);
    let logged = Promise.resolve(); // appended one after the other, to keep the order of the epochs
    const progress = this.#tools.events.training(config.headEpochs);
    const state = await this.#withHead(first, holdOut, (log) => {
      logged = logged.then(() => appendLog(this.#run.dir, log));
      if (log.epoch % 10 === 0 || log.epoch === config.headEpochs) progress.onEpoch(log);
    });
    await logged;
    return { ...first, state };
  }

  /** A state with a classifier that is trained on the features of all training images but `without`. */
  async #withHead(
    { state }: FirstState,
    without: readonly HashedExample[],
    onEpoch: (log: EpochLog) => void = () => {},
  ): Promise<TrainingState> {
    const { cache, events, now } = this.#tools;
    const config = this.#config;
    const { kernel, bias } = await runHead({
      config,
      dataset: this.#dataset,
      without,
      source: await readPackage(config.init),
      backend: this.#backend,
      cache: join(cache, 'features'),
      now,
      date: () => new Date(),
      onNotKept: (error) => events.onFeaturesNotCached(error),
      onImages: (side, total) => events.stage(`features of ${side}`, total),
      onEpoch,
    });
    return new Map([...state, ['linear/kernel', kernel], ['linear/bias', bias]]);
  }

  /** Multi-label classifiers start from the share of images that show each class; see `priorBias`. */
  #withPrior(first: FirstState): FirstState {
    const { multiLabel, balance } = this.#config;
    if (!multiLabel || balance === 'weights') return first;
    const { train, classes } = this.#dataset;
    const sets = train.map(({ labels = [] }) => labels);
    const bias = priorBias(sets, classes.length);
    const state = [...first.state].map(([name, values]): [string, Float32Array] => [
      name,
      /^(aux\d\/)?linear\/bias$/.test(name) ? bias.slice() : values,
    ]);
    return { ...first, state: new Map(state) };
  }

  /** Stores the thresholds of the labels: those with the best F1 on the validation images, in float32. */
  async #chooseThresholds(dir: string): Promise<void> {
    const { val, classes } = this.#dataset;
    const folder = await readPackage(dir);
    const { labels } = folder.manifest;
    const answers = await evaluatePackage({
      package: folder,
      precision: 'f32',
      examples: relabel(val, classes, labels),
      crops: 1,
      backend: this.#backend,
      onProgress: this.#tools.events.stage('thresholds', val.length),
    });
    if (!isMultiLabel(answers)) throw new HebbError('internal', 'The images have no labels.');
    await recordResults(dir, { labels: withThresholds(labels, answers) });
  }

  /** The main phase, then the one for int8. */
  async #train(first: FirstState, data: TrainingData): Promise<TrainedState> {
    const config = this.#config;
    if (qatEpochs(config) === 0) return this.#mainPhase(first, data);
    const { preprocessing } = first;
    const classes = this.#dataset.classes.length;
    let { state } = first;
    if (!(await readCheckpoint(this.#run.dir, QAT_CHECKPOINT))) {
      const trained = await this.#mainPhase(first, data);
      if (!trained.finished) return trained;
      const { train } = this.#dataset;
      const images = Math.min(RANGE_IMAGES, train.length);
      const progress = this.#tools.events.stage('ranges for int8', images);
      state = await qatStart(
        { config, state: trained.state, preprocessing, train, classes },
        this.#backend,
        progress,
      );
    }
    const result = await this.#loop(
      { ...first, state },
      { ...this.#dataset, holdOut: [] },
      {
        config: qatConfig(config),
        before: config.headEpochs + config.epochs,
        stepsBefore: config.epochs * Math.floor(data.train.length / config.batchSize),
        checkpoint: QAT_CHECKPOINT,
        int8: true,
      },
    );
    if (!result.finished) return result;
    return { ...qatResult(result.state, config, classes, preprocessing), finished: true };
  }

  async #mainPhase(first: FirstState, data: TrainingData): Promise<LoopResult> {
    const config = this.#config;
    const { headEpochs } = config;
    const result = await this.#loop(first, data, { config, before: headEpochs });
    if (!result.finished || !result.best) return result;
    this.#tools.events.onKept(result.best);
    if (result.best.epoch > 0) return result;
    // No epoch was better: the classifier learns from the held-out images too, as with --head-only.
    return { ...result, state: await this.#withHead(first, []) };
  }

  async #loop(first: FirstState, data: TrainingData, phase: TrainPhase): Promise<LoopResult> {
    const { epochs } = phase.config;
    if (epochs === 0) return { state: first.state, finished: true };
    const { interruptible, events, now } = this.#tools;
    const { addon, kernels } = this.#backend;
    const binding = loadBinding(addon!);
    if (kernels !== undefined) loadNativeKernels(kernels);
    const progress = events.training(epochs);
    const tools = {
      binding,
      kernels: kernels !== undefined,
      now,
      date: () => new Date(),
      onStep: (step: StepProgress) => progress.onStep(step),
      onEpoch: (log: EpochLog) => progress.onEpoch(log),
    };
    try {
      return await interruptible(async (shouldStop) => {
        const result = await runTraining(this.#run, data, first, { ...tools, shouldStop }, phase);
        // A stop in the last validation ends the run before the phase for int8 begins.
        const ends = phase.int8 || qatEpochs(this.#config) === 0 || !shouldStop();
        return { ...result, finished: result.finished && ends };
      });
    } finally {
      progress.finish();
    }
  }

  /**
   * Quantises the package on training images and compares int8 with float32 on the validation images.
   * If int8 loses more than `maxLoss` points, or if the network cannot be quantised, the package keeps its
   * float32 weights only: the training is not lost.
   * @returns whether the package has int8 weights
   */
  async #quantize(dir: string, maxLoss: number, trained?: TrainedScales): Promise<boolean> {
    const { train, val, classes } = this.#dataset;
    const { events } = this.#tools;
    const files = (examples: readonly Example[]): ImageFile[] =>
      examples.map(({ path, label, labels }) =>
        labels
          ? { path, labels: labels.map((index) => classes[index]!) }
          : { path, label: classes[label]! },
      );
    try {
      const result = await quantizePackage(
        await readPackage(dir),
        {
          calibrate: files(train),
          evaluate: files(val),
          calibrationImages: CALIBRATION_IMAGES,
          scales: { rule: 'percentile', percent: 99.99 },
          biasCorrection: 'auto',
          ...(trained ? { trained } : {}),
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
      if (!(error instanceof HebbError) || !FLOAT_ONLY.has(error.code)) throw error;
      events.onNotQuantized(error);
      return false;
    }
  }
}

/** Errors of the quantiser after which a package with float weights is still of use. */
const FLOAT_ONLY: ReadonlySet<string> = new Set(['accuracy_loss', 'unsupported_model']);

/** Training images for the calibration of activations, evenly spread over all of them. */
const CALIBRATION_IMAGES = 200;

/** The split that the package of `init` was trained with. */
async function splitOfStart({ init }: TrainConfig): Promise<RecordedSplit | undefined> {
  const text = init === 'scratch' ? undefined : await (await readPackage(init)).split();
  return text === undefined ? undefined : readSplit(text);
}

/** Checks the last validation up to an epoch; after a resume an earlier process may have written it. */
async function checkResult({ dir }: RunFolder, dataset: Dataset, upTo: number): Promise<void> {
  const log = await readEpochs(join(dir, RUN_FILES.log));
  const known = log.filter(({ epoch }) => epoch <= upTo);
  const ranking = known.findLast(({ valMap }) => valMap !== undefined)?.valMap;
  if (ranking !== undefined) checkRankingBetterThanChance(ranking, dataset);
  const recall = known.findLast(({ valRecall }) => valRecall !== undefined)?.valRecall;
  if (recall !== undefined) checkBetterThanChance(recall, dataset);
}
