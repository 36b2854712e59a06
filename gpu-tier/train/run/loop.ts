/**
 * The training loop: for each epoch its steps, validation, log entry and checkpoint. All random draws
 * follow from seed, epoch and index, so a resumed run gives the same results as an uninterrupted one.
 * @module
 */
import { googlenet, HebbError } from '@hebb/model';
import {
  createTrainingSession,
  type TrainingSession,
  type TrainingState,
} from '../step/session.ts';
import { specOf } from './config.ts';
import { EpochRun, save, scoreOf } from './epoch.ts';
import { type Best, isBetter, type Score } from './hold-out.ts';
import type { LoopOptions } from './loop-options.ts';
import { layerRates, type Stage, sameStage, stageOf } from './stages.ts';
import { startingState } from './state.ts';

export interface LoopResult {
  readonly state: TrainingState;
  /** False when `shouldStop` ended it early, after a checkpoint. */
  readonly finished: boolean;
  /** The epoch that `state` is from and its score, when images are held out; 0: no epoch was better. */
  readonly best?: Pick<Best, 'epoch' | 'score'>;
}

/** Runs the epochs from `options.start` on. Throws `invalid_argument` when the images do not fill a batch. */
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
  let { best } = options;
  const keep = async (current: TrainingSession, epoch: number, score: Score | undefined) => {
    if (!score || (best && !isBetter(score, best.score))) return;
    best = { epoch, score, state: current.state() };
    await options.onBest(best, current.variables);
  };
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
      // Without epochs of its own, the first classifier is random: no state to keep. A run that was stopped in its
      // first epoch has scored its first state.
      if (step === 0 && config.headEpochs > 0) {
        await keep(session, 0, await scoreOf(session, options));
      }
      const epochRun = new EpochRun(options, session, { epoch, step, steps, size: next.size });
      const { step: reached, score } = await epochRun.run();
      step = reached;
      if (step < (epoch + 1) * steps) {
        await save(options, session, epoch, step);
        return { state: session.state(), finished: false };
      }
      await keep(session, epoch + 1, score);
      await save(options, session, epoch + 1, step);
    }
    if (best) return { state: best.state, finished: true, best };
    return { state: session ? carried(session, state) : state, finished: true };
  } finally {
    session?.dispose();
  }
}

/** A TensorFlow session of a stage's graph, with the state of the stage before. */
async function startSession(
  { binding, kernels, config, dataset, preprocessing, int8 = false }: LoopOptions,
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
    kernels,
    batchSize: config.batchSize,
    auxiliary: config.auxiliary,
    mixup: config.mixup > 0,
    weighted: config.balance === 'weights',
    average: config.average > 0,
    int8,
    layerRate: layerRates(network, stage, config),
    optimizer:
      config.optimizer === 'sgd'
        ? { kind: 'sgd', momentum: config.momentum, nesterov: config.nesterov }
        : { kind: config.optimizer, beta1: config.momentum, beta2: 0.999 },
    weightDecay: config.weightDecay,
    clipNorm: config.clipNorm,
  });
  session.initialise(startingState(session.variables, state));
  return session;
}

/** The session's variables; others keep their value (a frozen layer has no momentum variable). */
const carried = (session: TrainingSession, before: TrainingState): TrainingState =>
  new Map([...before, ...session.state()]);
