import type { Batch } from '../augment/batch.ts';
import { derivedSeed, seededRandom, symmetricBeta } from '../random/random.ts';
import type { StepFigures, TrainingSession } from '../step/session.ts';
import { checkLoss } from './divergence.ts';
import type { Norms } from './epoch-log.ts';
import type { LoopOptions } from './loop-options.ts';
import { EpochMeter } from './meter.ts';
import { epochBatches } from './sampler.ts';
import { averageDecay, learningRate } from './schedule.ts';
import { stageOf } from './stages.ts';
import { validate } from './validate.ts';

/** Milliseconds between checkpoints within a long epoch. */
const CHECKPOINT_MS = 10 * 60_000;

interface EpochPlace {
  /** Index of the epoch, from 0. */
  readonly epoch: number;
  /** Steps since the run began; a resumed epoch may start in its middle. */
  readonly step: number;
  /** Steps per epoch. */
  readonly steps: number;
  readonly size: number;
}

/** One epoch: its steps, its validation, its log entry. */
export class EpochRun {
  readonly #options: LoopOptions;
  readonly #session: TrainingSession;
  readonly #place: EpochPlace;
  readonly #meter: EpochMeter;
  #firstNorms: Norms | undefined;

  constructor(options: LoopOptions, session: TrainingSession, place: EpochPlace) {
    this.#options = options;
    this.#session = session;
    this.#place = place;
    this.#meter = new EpochMeter(options.now);
  }

  /** Runs the rest of the epoch. Returns the number of steps since the run began. */
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
      // TensorFlow blocks the thread: this lets signals and workers' messages in.
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
    checkLoss(figures.loss ?? Number.NaN, dataset.classes.length, step, config);
    if (step === 0) this.#firstNorms = gradientNorms(figures);
    this.#meter.add(figures, batch.labels.length);
  }

  #rate = (step: number): number => learningRate(step / this.#place.steps, this.#options.config);

  /** Share of the run's work that is done; the work of an image grows with its area. */
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
    // Read before validation, whose time does not count.
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
      gradientNorms: gradientNorms(meter.means()),
      ...(this.#firstNorms === undefined ? {} : { firstGradientNorms: this.#firstNorms }),
      weightNorms: this.#session.weightNorms(),
      trainTop1: meter.mean('top1')!,
      ...validation,
      imagesPerSecond,
      waiting,
      seconds: meter.seconds,
      time: date().toISOString(),
    });
  }
}

/** The figures `gradient/<row>`, by row. */
const gradientNorms = (figures: StepFigures): Norms =>
  Object.fromEntries(
    Object.entries(figures).flatMap(([name, value]) =>
      name.startsWith('gradient/') ? [[name.slice('gradient/'.length), value] as const] : [],
    ),
  );

/** Writes a checkpoint after `epoch` epochs and `step` steps. */
export async function save(
  { onCheckpoint }: LoopOptions,
  session: TrainingSession,
  epoch: number,
  step: number,
): Promise<void> {
  await onCheckpoint({ epoch, step, state: session.state() }, session.variables);
}

interface SoftLabels {
  /** float32 [n · classes]; each row sums to 1. */
  readonly labels: Float32Array;
  /** float32 [n]: weight of each image in its mix; 1 without mixup. */
  readonly shares: Float32Array;
}

interface SoftLabelOptions {
  readonly classes: number;
  /** ε: a class gets 1 − ε + ε / classes, the others ε / classes (Szegedy et al. 2016, section 7). */
  readonly labelSmoothing: number;
  /** α of Beta(α, α); 0: no mixup. */
  readonly mixup: number;
}

/**
 * The target distributions of a batch. With mixup, one weight λ is drawn for the batch, and image i is
 * mixed with image n − 1 − i (Zhang et al. 2018).
 */
export function softLabels(
  classes: Int32Array,
  { classes: count, labelSmoothing, mixup }: SoftLabelOptions,
  seed: number,
): SoftLabels {
  const n = classes.length;
  const share = mixup > 0 ? symmetricBeta(mixup, seededRandom(derivedSeed(seed, 7))) : 1;
  const labels = new Float32Array(n * count).fill(labelSmoothing / count);
  for (let i = 0; i < n; i++) {
    labels[i * count + classes[i]!]! += (1 - labelSmoothing) * share;
    labels[i * count + classes[n - 1 - i]!]! += (1 - labelSmoothing) * (1 - share);
  }
  return { labels, shares: new Float32Array(n).fill(share) };
}
