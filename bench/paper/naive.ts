/**
 * Training steps with naive modules and with reductions (paper Figure 2 a and b), measured in turn.
 * @module
 */
import { googlenet, type Variant } from '@hebb/model';
import type { RunnerBackend } from '@hebb/tensorflow/backend/create-runner';
import { loadBinding } from '@hebb/tensorflow/native/binding';
import { loadKernels } from '@hebb/tensorflow/native/kernels';
import { RECIPES } from '@hebb/train/run/config';
import { softLabels } from '@hebb/train/run/epoch';
import { defaultPreprocessing } from '@hebb/train/run/package';
import { initialWeights } from '@hebb/train/run/start';
import { startingState } from '@hebb/train/run/state';
import { createTrainingSession, type TrainingSession } from '@hebb/train/step/session';
import { timeEach } from '../measure/clock.ts';
import { interleave, ratios, type Subject } from '../measure/interleave.ts';
import { spread } from '../measure/statistics.ts';
import type { PaperSettings } from './experiments.ts';
import type { NaiveSteps } from './results.ts';

/**
 * Milliseconds of a training step of the paper's network and of its naive form, on one batch of random
 * pixels. Needs about 3 GB for the naive network's 98 million weights, their gradients and their momentum.
 */
export async function measureNaive(
  { addon, kernels }: Pick<RunnerBackend, 'addon' | 'kernels'>,
  settings: Pick<PaperSettings, 'size' | 'batchSize'>,
  classes: number,
  rounds: number,
): Promise<NaiveSteps> {
  const binding = loadBinding(addon!);
  if (kernels !== undefined) loadKernels(kernels);
  const { size, batchSize } = settings;
  const open = async (variant: Variant): Promise<TrainingSession> => {
    const spec = { variant, classes, inputSize: size };
    const session = await createTrainingSession(binding, {
      spec,
      evaluationSize: size,
      preprocessing: defaultPreprocessing(size),
      precision: RECIPES.paper.precision,
      kernels: kernels !== undefined,
      batchSize,
      auxiliary: false,
      mixup: false,
      average: false,
      layerRate: () => 1,
      optimizer: { kind: 'sgd', momentum: RECIPES.paper.momentum, nesterov: false },
      weightDecay: RECIPES.paper.weightDecay,
      clipNorm: RECIPES.paper.clipNorm,
    });
    session.initialise(startingState(session.variables, initialWeights(googlenet(spec), 1)));
    return session;
  };
  const sessions = [await open('lrn'), await open('naive')];
  try {
    const subjects = sessions.map((session): Subject => {
      const step = stepOf(session, classes, settings);
      return { time: (runs) => timeEach(runs, step) };
    });
    const [reduced, naive] = await interleave(subjects, { rounds, runs: 2, warmUpRuns: 1 });
    return {
      batch: batchSize,
      size,
      rounds,
      reduced: spread(reduced!),
      naive: spread(naive!),
      times: spread(ratios(naive!, reduced!)),
    };
  } finally {
    for (const session of sessions) session.dispose();
  }
}

/** The rate is 0: the weights stay, so all steps compute the same. */
function stepOf(
  session: TrainingSession,
  classes: number,
  { size, batchSize }: Pick<PaperSettings, 'size' | 'batchSize'>,
): () => void {
  const pixels = Uint8Array.from({ length: batchSize * size * size * 3 }, (_, i) => (i * 97) & 255);
  const labels = Int32Array.from({ length: batchSize }, (_, i) => i % classes);
  const targets = softLabels(labels, { classes, labelSmoothing: 0, share: 1 });
  const shares = new Float32Array(batchSize).fill(1);
  const batch = { pixels, labels, size };
  return () => {
    session.step({ batch, ...targets, shares, seed: 1, rate: 0, step: 0, averageDecay: 0 });
  };
}
