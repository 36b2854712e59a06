/**
 * Runs the trainings, or resumes them: a training that has ended is not run again.
 * @module
 */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type ErrorCode, HebbError } from '@hebb/model/errors';
import { readEpochs } from '@hebb/train/report/run-report';
import type { TrainConfig } from '@hebb/train/run/config';
import type { EpochLog } from '@hebb/train/run/epoch-log';
import { type TrainRunEvents, type TrainRunTools, trainPackage } from '@hebb/train/run/run';
import { openRun, RUN_FILES, type RunFolder } from '@hebb/train/run/run-folder';
import { configOf, EXPERIMENTS, type PaperSettings, trainingCost } from './experiments.ts';
import type { PaperEpoch, PaperRun } from './results.ts';

/** Written into a run's folder when it has ended. */
const OUTCOME = 'paper.json';

/** Errors that are a result: such a run is not repeated. */
const RESULTS: ReadonlySet<ErrorCode> = new Set(['no_better_than_chance', 'training_diverged']);

interface Outcome {
  readonly error?: ErrorCode;
}

export interface TrainingsOptions {
  readonly data: string;
  /** Folder of the runs; packages go to `packages` in it. */
  readonly runs: string;
  readonly settings: PaperSettings;
}

export interface TrainingsTools extends Omit<TrainRunTools, 'events' | 'interruptible'> {
  /** Prints a line of progress. */
  readonly log: (line: string) => void;
  readonly shouldStop: () => boolean;
}

interface Training {
  readonly experiment: (typeof EXPERIMENTS)[number];
  readonly seed: number;
  readonly config: TrainConfig;
  readonly cost: number;
}

/** Seed after seed, so that an early end leaves all experiments with the same number of seeds. */
const trainingsOf = ({ data, settings }: TrainingsOptions): Training[] =>
  Array.from({ length: settings.seeds }, (_, i) => i + 1).flatMap((seed) =>
    EXPERIMENTS.map((experiment) => ({
      experiment,
      seed,
      config: configOf(experiment, seed, data, settings),
      cost: trainingCost(experiment, settings.size),
    })),
  );

/**
 * Runs what has not been run yet, in order. Returns false when `shouldStop` ended it early; the next call
 * resumes. Throws the errors of `trainPackage`, except those that are results.
 */
export async function runTrainings(
  options: TrainingsOptions,
  tools: TrainingsTools,
): Promise<boolean> {
  const all = trainingsOf(options);
  const found = await Promise.all(all.map(({ config }) => findRun(options.runs, config)));
  const due = all.map((training, i) => ({ ...training, ...found[i] })).filter((t) => !t.outcome);
  tools.log(`${all.length} trainings, of which ${all.length - due.length} are done`);
  const total = due.reduce((sum, { cost }) => sum + cost, 0);
  const began = tools.now();
  let done = 0;
  for (const [i, training] of due.entries()) {
    const place = `${i + 1}/${due.length} ${training.config.name}`;
    const events = progressEvents(tools, place, (share) => {
      const part = (done + share * training.cost) / total;
      return ((tools.now() - began) / part) * (1 - part);
    });
    if (!(await runOne(training, training.run, options, { ...tools, events }))) return false;
    done += training.cost;
  }
  return true;
}

/** Returns whether the training has ended; false when it was stopped. */
async function runOne(
  { config }: Training,
  begun: RunFolder | undefined,
  { runs }: TrainingsOptions,
  tools: TrainingsTools & Pick<TrainRunTools, 'events'>,
): Promise<boolean> {
  let dir = begun?.dir;
  const outcome = await trainPackage(
    {
      config,
      ...(begun ? { run: begun } : {}),
      runs,
      fix: false,
      output: {
        out: join(runs, 'packages', config.name),
        thumbnails: false,
        maxLoss: 100,
        quantize: false,
      },
    },
    {
      ...tools,
      interruptible: (work) => work(tools.shouldStop),
      events: {
        ...tools.events,
        onRun: (run) => {
          dir = run.dir;
        },
      },
    },
  ).catch((error: unknown) => {
    if (error instanceof HebbError && RESULTS.has(error.code)) return error;
    throw error;
  });
  if (!(outcome instanceof HebbError) && outcome.kind === 'stopped') return false;
  const ended: Outcome = outcome instanceof HebbError ? { error: outcome.code } : {};
  await writeFile(join(dir!, OUTCOME), `${JSON.stringify(ended)}\n`);
  await rm(join(dir!, 'checkpoint.safetensors'), { force: true }); // 50 to 200 MB each
  return true;
}

/** A line a minute, and one for each epoch; `left` gives the milliseconds left of all trainings. */
function progressEvents(
  { log, now }: TrainingsTools,
  place: string,
  left: (share: number) => number,
): TrainRunEvents {
  let shownAt = now();
  const silent = () => () => {};
  return {
    step: silent,
    stepsEnd() {},
    onFindings() {},
    onRun() {},
    onSeenBefore() {},
    stage: silent,
    training: () => ({
      onStep({ epoch, share, meter }) {
        if (now() - shownAt < LINE_MS) return;
        shownAt = now();
        const loss = (meter.mean('main') ?? 0).toFixed(3);
        const minutes = Math.ceil(left(share) / 60_000);
        log(
          `${place}  epoch ${epoch + 1}  ${meter.imagesPerSecond.toFixed(0)} images/s  loss ${loss}  ${minutes} min left of all`,
        );
      },
      onEpoch({ epoch, mainLoss, valTop1 }) {
        const top1 = valTop1 === undefined ? '' : `, top-1 ${(100 * valTop1).toFixed(1)} %`;
        log(`${place}  epoch ${epoch}: loss ${mainLoss.toFixed(3)}${top1}`);
      },
      finish() {},
    }),
    onFeaturesNotCached() {},
    onKept() {},
    onQuantized() {},
    onNotQuantized() {},
  };
}

const LINE_MS = 60_000;

/** The run of a configuration, and how it ended if it has ended. */
async function findRun(
  runs: string,
  config: TrainConfig,
): Promise<{ readonly run?: RunFolder; readonly outcome?: Outcome }> {
  const names = await readdir(runs).catch(() => []);
  for (const name of names.filter((one) => one.endsWith(`-${config.name}`)).sort()) {
    const run = await openRun(join(runs, name)).catch(() => undefined);
    if (!run || !isDeepStrictEqual(run.record.config, plain(config))) continue;
    const outcome = await readFile(join(run.dir, OUTCOME), 'utf8').catch(() => undefined);
    return { run, ...(outcome === undefined ? {} : { outcome: JSON.parse(outcome) as Outcome }) };
  }
  return {};
}

/** As a configuration is after it was written to a file and read. */
const plain = (config: TrainConfig): unknown => JSON.parse(JSON.stringify(config));

/** The results of the trainings that have ended, and the number of images of their data. */
export async function readTrainings(options: TrainingsOptions): Promise<{
  readonly runs: readonly PaperRun[];
  readonly data?: RunFolder['record']['data'];
}> {
  const runs: PaperRun[] = [];
  let data: RunFolder['record']['data'] | undefined;
  for (const { experiment, seed, config } of trainingsOf(options)) {
    const { run, outcome } = await findRun(options.runs, config);
    if (!run || !outcome) continue;
    data = run.record.data;
    const log = await readEpochs(join(run.dir, RUN_FILES.log));
    runs.push({ experiment: experiment.id, seed, ...outcome, epochs: log.map(figuresOf) });
  }
  return { runs, ...(data ? { data } : {}) };
}

function figuresOf(log: EpochLog): PaperEpoch {
  const { epoch, step, mainLoss, valLoss, valTop1, imagesPerSecond, seconds } = log;
  const { gradientNorms, firstGradientNorms, weightNorms } = log;
  return {
    epoch,
    step,
    mainLoss,
    ...(valLoss === undefined ? {} : { valLoss }),
    ...(valTop1 === undefined ? {} : { valTop1 }),
    ...(gradientNorms ? { gradientNorms } : {}),
    ...(firstGradientNorms ? { firstGradientNorms } : {}),
    ...(weightNorms ? { weightNorms } : {}),
    imagesPerSecond,
    seconds,
  };
}
