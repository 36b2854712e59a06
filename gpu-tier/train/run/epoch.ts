import type { Batch } from '../augment/batch.ts';
import { derivedSeed } from '../random/random.ts';
import type { TrainingSession } from '../step/session.ts';
import { checkLoss } from './divergence.ts';
import type { Score } from './hold-out.ts';
import type { LoopOptions } from './loop-options.ts';
import { EpochMeter } from './meter.ts';
import { drawMix, swapRectangle } from './mix.ts';
import { epochBatches } from './sampler.ts';
import { averageDecay, learningRate } from './schedule.ts';
import { stageOf } from './stages.ts';
import { measure, validate } from './validate.ts';

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

  constructor(options: LoopOptions, session: TrainingSession, place: EpochPlace) {
    this.#options = options;
    this.#session = session;
    this.#place = place;
    this.#meter = new EpochMeter(options.now);
  }

  /** Runs the rest of the epoch. Returns the number of steps since the run began, and the score if it has one. */
  async run(): Promise<{ readonly step: number; readonly score?: Score }> {
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
      if (shouldStop() && step < (epoch + 1) * steps) return { step };
    }
    const score = await this.#log(step);
    return { step, ...(score && { score }) };
  }

  #step(batch: Batch, step: number): void {
    const { config, dataset } = this.#options;
    const seed = derivedSeed(config.seed, 3, step);
    const { share, rectangle } = drawMix(config, batch.size, seed);
    if (rectangle) swapRectangle(batch.pixels, batch.size, rectangle);
    const labels = softLabels(batch.labels, {
      classes: dataset.classes.length,
      labelSmoothing: config.labelSmoothing,
      share,
    });
    const figures = this.#session.step({
      batch,
      labels,
      shares: new Float32Array(batch.labels.length).fill(rectangle ? 1 : share),
      seed,
      rate: this.#rate(step),
      step,
      averageDecay: averageDecay(step, config.average),
    });
    checkLoss(figures.loss ?? Number.NaN, dataset.classes.length, step, config);
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

  async #log(step: number): Promise<Score | undefined> {
    const { config, onEpoch, date } = this.#options;
    const { epoch, size } = this.#place;
    const meter = this.#meter;
    // Read before validation, whose time does not count.
    const { imagesPerSecond, waiting } = meter;
    const isLast = epoch + 1 === config.epochs;
    const validates = isLast || (epoch + 1) % config.validateEvery === 0;
    const validation = validates ? await validate(this.#session, this.#options) : {};
    const score = validates ? await scoreOf(this.#session, this.#options) : undefined;
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
      ...(score && { holdOutLoss: score.loss, holdOutTop1: score.top1 }),
      imagesPerSecond,
      waiting,
      seconds: meter.seconds,
      time: date().toISOString(),
    });
    return score;
  }
}

/** The score on the images that are held out; undefined without any. */
export async function scoreOf(
  session: TrainingSession,
  options: LoopOptions,
): Promise<Score | undefined> {
  const { holdOut } = options.dataset;
  if (holdOut.length === 0) return undefined;
  const { top1, loss } = await measure(session, holdOut, options);
  return { top1: Math.fround(top1), loss: Math.fround(loss) };
}

/** Writes a checkpoint after `epoch` epochs and `step` steps. */
export async function save(
  { onCheckpoint }: LoopOptions,
  session: TrainingSession,
  epoch: number,
  step: number,
): Promise<void> {
  await onCheckpoint({ epoch, step, state: session.state() }, session.variables);
}

interface SoftLabelOptions {
  readonly classes: number;
  /** ε: a class gets 1 − ε + ε / classes, the others ε / classes (Szegedy et al. 2016, section 7). */
  readonly labelSmoothing: number;
  /** Weight of an image's own label, 0 to 1; the rest goes to the image that it is mixed with. */
  readonly share: number;
}

/**
 * The target distributions of a batch whose image i is mixed with image n − 1 − i (`drawMix`).
 * @returns float32 [n · classes]; each row sums to 1
 */
export function softLabels(
  classes: Int32Array,
  { classes: count, labelSmoothing, share }: SoftLabelOptions,
): Float32Array {
  const n = classes.length;
  const labels = new Float32Array(n * count).fill(labelSmoothing / count);
  for (let i = 0; i < n; i++) {
    labels[i * count + classes[i]!]! += (1 - labelSmoothing) * share;
    labels[i * count + classes[n - 1 - i]!]! += (1 - labelSmoothing) * (1 - share);
  }
  return labels;
}
