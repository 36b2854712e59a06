import { googlenet } from '../../shared/model/index.ts';
import { specOf } from './config.ts';
import {
  createTrainingSession,
  type TrainingSession,
  type TrainingState,
} from './graph/session.ts';
import type { LoopOptions } from './loop-options.ts';
import { layerRates, type Stage } from './stages.ts';
import { startingState } from './state.ts';

/** The graph of a stage in TensorFlow, with the state that the stage before left. */
export async function startSession(
  { binding, kernels, config, dataset, preprocessing }: LoopOptions,
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

/** The session's variables, and of the others (a frozen layer has no momentum) what was before. */
export const carried = (session: TrainingSession, before: TrainingState): TrainingState =>
  new Map([...before, ...session.state()]);
