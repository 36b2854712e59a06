/**
 * The training loop: epoch after epoch of steps, validation, log and checkpoint. Everything that is
 * drawn at random follows from seed, epoch and index, so a run that was stopped goes on as it would
 * have.
 * @module
 */
import { googlenet, HebbError, type Preprocessing } from '../../shared/model/index.ts';
import type { Batch, Pipeline } from '../augment/batch.ts';
import type { Dataset } from '../dataset/dataset.ts';
import type { Binding } from '../native/binding.ts';
import { derivedSeed } from '../random/random.ts';
import type { Checkpoint } from './checkpoint.ts';
import { specOf, type TrainConfig } from './config.ts';
import type { EpochLog } from './epoch-log.ts';
import {
  createTrainingSession,
  type TrainingSession,
  type TrainingState,
} from './graph/session.ts';
import { softLabels } from './labels.ts';
import { EpochMeter } from './meter.ts';
import { epochBatches } from './sampler.ts';
import { averageDecay, learningRate } from './schedule.ts';
import { layerRates, type Stage, sameStage, stageOf } from './stages.ts';
import { startingState } from './state.ts';
import { validate } from './validate.ts';

/** Minutes after which a long epoch is saved in between. */
const CHECKPOINT_MS = 10 * 60_000;

export interface LoopEvents {
  /** After each step; `share` of the run's work that is done, 0 to 1. */
  onStep(progress: StepProgress): void;
  onEpoch(log: EpochLog): Promise<void>;
  onCheckpoint(checkpoint: Checkpoint, shapes: TrainingSession['variables']): Promise<void>;
  /** True once the run shall end after the step under way. */
  shouldStop(): boolean;
}

export interface StepProgress {
  readonly epoch: number;
  readonly size: number;
  readonly share: number;
  readonly meter: EpochMeter;
}

export interface LoopOptions extends LoopEvents {
  readonly config: TrainConfig;
  readonly dataset: Dataset;
  readonly preprocessing: Preprocessing;
  readonly binding: Binding;
  /** Augmented images to train on, plain ones to validate on. */
  readonly pipelines: { readonly train: Pipeline; readonly val: Pipeline };
  /** Where it goes on: the first weights with epoch and step 0, or a checkpoint. */
  readonly start: Checkpoint;
  /** Milliseconds of a monotonic clock, and of the calendar. */
  readonly now: () => number;
  readonly date: () => Date;
}

export interface LoopResult {
  readonly state: TrainingState;
  /** False when `shouldStop` ended it early; a checkpoint was written then. */
  readonly finished: boolean;
}

export async function trainingLoop(options: LoopOptions): Promise<LoopResult> {
  const { config, dataset, start } = options;
  const steps = Math.floor(dataset.train.length / config.batchSize);
  if (steps === 0) {
    throw new HebbError(
      'invalid_argument',
      `${dataset.train.length} training images do not fill a batch of ${config.batchSize}.`,
      { hint: `Choose a smaller one: --batch-size ${Math.min(8, dataset.train.length)}` },
    );
  }
  let state: TrainingState = start.state;
  let stage: Stage | undefined;
  let session: TrainingSession | undefined;
  try {
    let step = start.step;
    for (let epoch = start.epoch; epoch < config.epochs; epoch++) {
      const next = stageOf(epoch, config);
      if (!session || !sameStage(stage, next)) {
        if (session) state = carried(session, state);
        session?.dispose();
        session = await startSession(options, next, state);
        stage = next;
      }
      const epochRun = new EpochRun(options, session, { epoch, step, steps, size: next.size });
      step = await epochRun.run();
      if (step < (epoch + 1) * steps) {
        await save(options, session, epoch, step);
        return { state: session.state(), finished: false };
      }
      await save(options, session, epoch + 1, step);
    }
    return { state: session ? carried(session, state) : state, finished: true };
  } finally {
    session?.dispose();
  }
}

/** The session's variables, and of the others (a frozen layer has no momentum) what was before. */
const carried = (session: TrainingSession, before: TrainingState): TrainingState =>
  new Map([...before, ...session.state()]);

async function startSession(
  { binding, config, dataset, preprocessing }: LoopOptions,
  stage: Stage,
  state: TrainingState,
): Promise<TrainingSession> {
  const spec = { ...specOf(config, dataset.classes.length), inputSize: stage.size };
  const network = googlenet(spec, { auxiliary: config.auxiliary });
  const session = await createTrainingSession(binding, {
    spec,
    evaluationSize: config.inputSize,
    preprocessing,
    precision: config.precision,
    batchSize: config.batchSize,
    auxiliary: config.auxiliary,
    mixup: config.mixup > 0,
    average: config.average > 0,
    layerRate: layerRates(network, stage, config),
    optimizer:
      config.optimizer === 'sgd'
        ? { kind: 'sgd', momentum: config.momentum, nesterov: config.nesterov }
        : { kind: 'adam', beta1: config.momentum, beta2: 0.999 },
    weightDecay: config.weightDecay,
    clipNorm: config.clipNorm,
  });
  session.initialise(startingState(session.variables, state));
  return session;
}

async function save(
  { onCheckpoint }: LoopOptions,
  session: TrainingSession,
  epoch: number,
  step: number,
): Promise<void> {
  await onCheckpoint({ epoch, step, state: session.state() }, session.variables);
}

interface EpochPlace {
  /** Index of the epoch, from 0. */
  readonly epoch: number;
  /** Steps done before; a resumed epoch may begin in its middle. */
  readonly step: number;
  /** Steps of an epoch. */
  readonly steps: number;
  readonly size: number;
}

class EpochRun {
  readonly #options: LoopOptions;
  readonly #session: TrainingSession;
  readonly #place: EpochPlace;
  readonly #meter: EpochMeter;

  constructor(options: LoopOptions, session: TrainingSession, place: EpochPlace) {
    this.#options = options;
    this.#session = session;
    this.#place = place;
    this.#meter = new EpochMeter(options.now);
  }

  /** Runs the epoch, or what is left of it; the number of steps done since the run began. */
  async run(): Promise<number> {
    const { config, dataset, pipelines, now, shouldStop, onStep } = this.#options;
    const { epoch, steps, size } = this.#place;
    let { step } = this.#place;
    const requests = epochBatches(dataset.train, config, epoch, size).slice(step - epoch * steps);
    let saved = now();
    let asked = now();
    for await (const batch of pipelines.train.batches(requests)) {
      this.#meter.waited(now() - asked);
      this.#step(batch, step);
      step++;
      onStep({ epoch, size, share: this.#share(step), meter: this.#meter });
      if (now() - saved > CHECKPOINT_MS) {
        await save(this.#options, this.#session, epoch, step);
        saved = now();
      }
      // TensorFlow blocks the thread: let signals and workers' messages in.
      await new Promise((resolve) => setImmediate(resolve));
      asked = now();
      if (shouldStop() && step < (epoch + 1) * steps) return step;
    }
    await this.#log(step);
    return step;
  }

  #step(batch: Batch, step: number): void {
    const { config, dataset } = this.#options;
    const seed = derivedSeed(config.seed, 3, step);
    const soft = softLabels(batch.labels, { ...config, classes: dataset.classes.length }, seed);
    const figures = this.#session.step({
      batch,
      ...soft,
      seed,
      rate: this.#rate(step),
      step,
      averageDecay: averageDecay(step, config.average),
    });
    if (!Number.isFinite(figures.loss)) {
      throw new HebbError('training_diverged', `The loss is ${figures.loss} at step ${step}.`);
    }
    this.#meter.add(figures, batch.labels.length);
  }

  #rate = (step: number): number => learningRate(step / this.#place.steps, this.#options.config);

  /** Share of the work that is done; an image's work grows with its area. */
  #share(step: number): number {
    const { config } = this.#options;
    const { epoch, steps } = this.#place;
    const work = Array.from({ length: config.epochs }, (_, e) => stageOf(e, config).size ** 2);
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    const now = (work[epoch]! * (step - epoch * steps)) / steps;
    return (sum(work.slice(0, epoch)) + now) / sum(work);
  }

  async #log(step: number): Promise<void> {
    const { config, onEpoch, date } = this.#options;
    const { epoch, size } = this.#place;
    const meter = this.#meter;
    // Before validation, which is not training.
    const { imagesPerSecond, waiting } = meter;
    const isLast = epoch + 1 === config.epochs;
    const validates = isLast || (epoch + 1) % config.validateEvery === 0;
    const validation = validates ? await validate(this.#session, this.#options) : {};
    const optional = (name: string, figure: string) => {
      const value = meter.mean(figure);
      return value === undefined ? {} : { [name]: value };
    };
    await onEpoch({
      epoch: epoch + 1,
      step,
      size,
      rate: this.#rate(step - 1),
      loss: meter.mean('loss')!,
      mainLoss: meter.mean('main')!,
      ...optional('aux1Loss', 'aux1'),
      ...optional('aux2Loss', 'aux2'),
      trainTop1: meter.mean('top1')!,
      ...validation,
      imagesPerSecond,
      waiting,
      seconds: meter.seconds,
      time: date().toISOString(),
    });
  }
}
