import { cacheFolder as nativeCache } from '../../../gpu-tier/cli/cache.ts';
import { PRECISIONS, type Precision } from '../../../gpu-tier/graph/inference.ts';
import { type Binding, loadBinding } from '../../../gpu-tier/native/binding.ts';
import { thisHost } from '../../../gpu-tier/native/host.ts';
import { findInstallation } from '../../../gpu-tier/native/installation.ts';
import { loadKernels } from '../../../gpu-tier/native/kernels.ts';
import {
  createTrainingSession,
  type TrainingSession,
} from '../../../gpu-tier/train/graph/session.ts';
import { initialWeights } from '../../../gpu-tier/train/initial-weights.ts';
import { softLabels } from '../../../gpu-tier/train/labels.ts';
import { defaultPreprocessing } from '../../../gpu-tier/train/package.ts';
import { startingState } from '../../../gpu-tier/train/state.ts';
import { HebbError } from '../../../shared/model/errors.ts';
import { googlenet } from '../../../shared/model/index.ts';
import { type BenchContext, cacheFolder } from '../context.ts';
import { describeMachine } from '../machine.ts';
import { spread } from '../measure/statistics.ts';
import type { BenchOptions } from '../options.ts';
import { LAYOUTS, type Pytorch, startPytorch } from '../peers/pytorch/pytorch.ts';
import type { TrainResult, TrainStepResult } from '../results.ts';
import { photographs } from '../train/photographs.ts';
import { measurePipeline } from '../train/pipeline.ts';

const BATCH = 32;
const CLASSES = 5;
/** Runs before the first that counts: TensorFlow plans the graph, memory is touched. */
const WARM_UP = 2;
const SIZES = [96, 128, 224] as const;

/** Measures training: forward, the whole step, the input pipeline alone. */
export async function benchTrain(
  options: BenchOptions,
  context: BenchContext,
): Promise<TrainResult> {
  const { env, log } = context;
  const found = await findInstallation(nativeCache({ env }), thisHost());
  if (!found) {
    throw new HebbError('native_unavailable', 'There is no native TensorFlow on this machine.', {
      hint: 'Install it: npx hebb native install',
    });
  }
  const binding = loadBinding(found.addon);
  if (found.kernels) loadKernels(found.kernels);
  const pytorch = options.pytorch ? await startPytorch(cacheFolder(context)) : undefined;
  const steps: TrainStepResult[] = [];
  try {
    for (const of of stepCases(found.kernels !== undefined)) {
      const { size, precision, auxiliary } = of;
      // PyTorch's network has no auxiliary classifiers.
      const peer = auxiliary ? undefined : pytorch;
      const result = await measureStep(binding, of, options.rounds, peer);
      steps.push(result);
      log(`${size} px ${precision}${auxiliary ? ' with heads' : ''}: ${JSON.stringify(result)}`);
    }
  } finally {
    pytorch?.close();
  }
  log('the input pipeline …');
  const examples = await photographs(options.calibrate);
  const pipeline = await measurePipeline({ examples, sizes: SIZES, threads: [1, 2], epochs: 3 });
  return {
    bench: 'train',
    machine: describeMachine(new Date()),
    ...(options.note !== undefined && { note: options.note }),
    batch: BATCH,
    rounds: options.rounds,
    steps,
    pipeline,
    ...(pytorch && { pytorch: pytorch.version }),
  };
}

interface StepCase {
  readonly size: number;
  readonly precision: Precision;
  readonly auxiliary: boolean;
  readonly kernels: boolean;
}

const stepCases = (kernels: boolean): StepCase[] =>
  [false, true].flatMap((auxiliary) =>
    PRECISIONS.flatMap((precision) =>
      SIZES.map((size) => ({ size, precision, auxiliary, kernels })),
    ),
  );

async function measureStep(
  binding: Binding,
  { size, precision, auxiliary, kernels }: StepCase,
  rounds: number,
  pytorch?: Pytorch,
): Promise<TrainStepResult> {
  const spec = { variant: 'bn5x5', classes: CLASSES, inputSize: size } as const;
  const session = await createTrainingSession(binding, {
    ...{ spec, evaluationSize: size, preprocessing: defaultPreprocessing(size) },
    ...{ precision, kernels },
    ...{ batchSize: BATCH, auxiliary, mixup: true, average: true, layerRate: () => 1 },
    ...{ optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true } },
    ...{ weightDecay: 5e-4, clipNorm: 0 },
  });
  try {
    const weights = initialWeights(googlenet(spec, { auxiliary }), 1);
    session.initialise(startingState(session.variables, weights));
    const pixels = Uint8Array.from({ length: BATCH * size * size * 3 }, (_, i) => (i * 97) & 255);
    const forward = timed(rounds, () => session.evaluate(pixels, BATCH));
    const step: number[] = [];
    const theirs = LAYOUTS.map((layout) => ({ layout, rates: [] as number[] }));
    for (let i = 0; i < WARM_UP + rounds; i++) {
      const ours = rateOf(() => trainOnce(session, pixels, size, i));
      if (i < WARM_UP) continue;
      step.push(ours);
      for (const { layout, rates } of pytorch ? theirs : []) {
        const ms = await pytorch!.step({ size, precision, layout, batch: BATCH });
        rates.push((1000 * BATCH) / ms);
      }
    }
    return {
      ...{ size, precision, auxiliary, forward: spread(forward), step: spread(step) },
      ...(pytorch && {
        pytorch: theirs.map(({ layout, rates }) => ({
          ...{ layout, step: spread(rates) },
          timesPytorch: spread(step.map((rate, i) => rate / rates[i]!)),
        })),
      }),
    };
  } finally {
    session.dispose();
  }
}

function trainOnce(session: TrainingSession, pixels: Uint8Array, size: number, step: number): void {
  const labels = Int32Array.from({ length: BATCH }, (_, i) => i % CLASSES);
  const soft = softLabels(labels, { classes: CLASSES, labelSmoothing: 0.1, mixup: 0.2 }, step);
  const batch = { pixels, labels, size };
  session.step({ batch, ...soft, seed: step, rate: 0.01, step, averageDecay: 0.9 });
}

/** Images per second of each run. */
const timed = (rounds: number, run: () => void): number[] =>
  Array.from({ length: WARM_UP + rounds }, () => rateOf(run)).slice(WARM_UP);

function rateOf(run: () => void): number {
  const began = performance.now();
  run();
  return (1000 * BATCH) / (performance.now() - began);
}
