import type { Batch } from '../augment/batch.ts';
import { derivedSeed } from '../random/random.ts';
import type { StepFigures, TrainingSession } from '../step/session.ts';
import { type ClassBalance, classBalances, classWeights } from './balance.ts';
import { checkLoss } from './divergence.ts';
import type { Norms } from './epoch-log.ts';
import type { Score } from './hold-out.ts';
import type { LoopOptions } from './loop-options.ts';
import { EpochMeter } from './meter.ts';
import { drawMix, swapRectangle } from './mix.ts';
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
  readonly #targets: (batch: Batch, share: number) => Targets;
  #firstNorms: Norms | undefined;

  constructor(options: LoopOptions, session: TrainingSession, place: EpochPlace) {
    this.#targets = targetsOf(options);
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
    const figures = this.#session.step({
      batch,
      ...this.#targets(batch, share),
      shares: new Float32Array(batch.labels.length).fill(rectangle ? 1 : share),
      seed,
      rate: this.#rate(step),
      step,
      averageDecay: averageDecay(step, config.average),
    });
    const classes = dataset.classes.length;
    // With sigmoid each class is a question of its own, and a coin's loss is ln 2.
    const guessing = config.multiLabel ? classes * Math.LN2 : Math.log(classes);
    checkLoss(figures.loss ?? Number.NaN, guessing, step, { ...config, int8: this.#options.int8 });
    if (step === 0 && !this.#options.int8) this.#firstNorms = gradientNorms(figures);
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
      gradientNorms: gradientNorms(meter.means()),
      ...(this.#firstNorms === undefined ? {} : { firstGradientNorms: this.#firstNorms }),
      weightNorms: this.#session.weightNorms(),
      ...optional('trainTop1', 'top1'),
      ...validation,
      ...(score && { holdOutLoss: score.loss, holdOutAccuracy: score.accuracy }),
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
  const { holdOut, classes } = options.dataset;
  if (holdOut.length === 0) return undefined;
  const figures = await validate(session, { ...options, dataset: { val: holdOut, classes } });
  const { valTop1, valRecall, valMap } = figures;
  // Top-1 would prefer an epoch that answers the large classes, which --balance is there to prevent.
  const accuracy = valMap ?? (options.config.balance === 'none' ? valTop1 : valRecall)!;
  return { accuracy: Math.fround(accuracy), loss: Math.fround(figures.valLoss) };
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

/** Makes the targets of a batch; `share` is the weight of an image's own labels in its mix. */
function targetsOf({
  config,
  dataset,
}: Pick<LoopOptions, 'config' | 'dataset'>): (batch: Batch, share: number) => Targets {
  const { train, classes } = dataset;
  const options = { classes: classes.length, labelSmoothing: config.labelSmoothing };
  const weighted = config.balance === 'weights';
  if (config.multiLabel) {
    const all = train.map(({ labels = [] }) => labels);
    const balances = weighted ? classBalances(all, classes.length) : undefined;
    return ({ sets = [] }, share) => softSets(sets, { ...options, share, balances });
  }
  const labels = train.map(({ label }) => label);
  const weights = weighted ? classWeights(labels, classes.length) : undefined;
  return (batch, share) => softLabels(batch.labels, { ...options, share, weights });
}

interface Targets {
  /** float32 [n · classes]; each row sums to 1, except with sigmoid. */
  readonly labels: Float32Array;
  /** float32 [n], with sigmoid [n · classes]: weights of the loss; 1 without class weights. */
  readonly weights: Float32Array;
}

interface SoftLabelOptions {
  readonly classes: number;
  /** ε: a class gets 1 − ε + ε / classes, the others ε / classes (Szegedy et al. 2016, section 7). */
  readonly labelSmoothing: number;
  /** Weight of an image's own labels, 0 to 1; the rest goes to those of the image that it is mixed with. */
  readonly share: number;
  /** float32 [classes]: see `classWeights`; undefined: all are 1. */
  readonly weights?: Float32Array | undefined;
}

interface SoftSetOptions extends Omit<SoftLabelOptions, 'weights'> {
  /** See `classBalances`; undefined: all weights are 1. */
  readonly balances?: readonly ClassBalance[] | undefined;
}

/**
 * The targets of a batch of multi-label data, a probability for each class: 1 for those of the image, 0 for
 * the others, with label smoothing 1 − ε / 2 and ε / 2. Image i is mixed with image n − 1 − i (`drawMix`). As in
 * `softLabels`, the loss of a mix is that of its images, each with its own weight: `weights` holds the sum of both
 * weights, and the target is the part of the one that shows the class.
 */
export function softSets(
  sets: readonly (readonly number[])[],
  { classes, labelSmoothing, share, balances }: SoftSetOptions,
): Targets {
  const n = sets.length;
  const labels = new Float32Array(n * classes);
  for (let i = 0; i < n; i++) {
    for (const label of sets[i]!) labels[i * classes + label]! += share;
    for (const label of sets[n - 1 - i]!) labels[i * classes + label]! += 1 - share;
  }
  const weights = new Float32Array(n * classes).fill(1);
  if (balances) {
    for (const [at, part] of labels.entries()) {
      const { shown, absent } = balances[at % classes]!;
      weights[at] = part * shown + (1 - part) * absent;
      labels[at] = (part * shown) / weights[at]!;
    }
  }
  return {
    labels: labels.map((target) => target * (1 - labelSmoothing) + labelSmoothing / 2),
    weights,
  };
}

/**
 * The target distributions of a batch whose image i is mixed with image n − 1 − i (`drawMix`). The loss of a
 * mix is that of its images, each with the weight of its class: the row is scaled to a sum of 1, and
 * `weights` holds the factor.
 */
export function softLabels(
  classes: Int32Array,
  { classes: count, labelSmoothing, share, weights }: SoftLabelOptions,
): Targets {
  const n = classes.length;
  const labels = new Float32Array(n * count).fill(labelSmoothing / count);
  const factors = new Float32Array(n).fill(1);
  for (let i = 0; i < n; i++) {
    const [own, other] = [classes[i]!, classes[n - 1 - i]!];
    let [first, second] = [share, 1 - share];
    if (weights) {
      [first, second] = [first * weights[own]!, second * weights[other]!];
      const sum = first + second;
      [first, second, factors[i]] = [first / sum, second / sum, sum];
    }
    labels[i * count + own]! += (1 - labelSmoothing) * first;
    labels[i * count + other]! += (1 - labelSmoothing) * second;
  }
  return { labels, weights: factors };
}
