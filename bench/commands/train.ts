import { googlenet, type NetworkSpec } from '@hebb/model';
import { HebbError } from '@hebb/model/errors';
import { PRECISIONS, type Precision } from '@hebb/tensorflow/graph/inference';
import { type Binding, loadBinding } from '@hebb/tensorflow/native/binding';
import { thisHost } from '@hebb/tensorflow/native/host';
import { findInstallation } from '@hebb/tensorflow/native/installation';
import { loadKernels } from '@hebb/tensorflow/native/kernels';
import { softLabels } from '@hebb/train/run/epoch';
import { drawMix } from '@hebb/train/run/mix';
import { defaultPreprocessing } from '@hebb/train/run/package';
import { initialWeights } from '@hebb/train/run/start';
import { startingState } from '@hebb/train/run/state';
import { createTrainingSession, type TrainingSession } from '@hebb/train/step/session';
import { cacheFolder as nativeCache } from 'hebb/cache';
import { type BenchContext, cacheFolder } from '../context.ts';
import { describeMachine } from '../machine.ts';
import { spread } from '../measure/statistics.ts';
import type { BenchOptions } from '../options.ts';
import { LAYOUTS, type Pytorch, startPytorch } from '../peers/pytorch/pytorch.ts';
import type { TrainProfileResult, TrainResult, TrainStepResult } from '../results.ts';
import { measurePipeline, photographs } from '../train/pipeline.ts';
import { measureProduct, stepMultiplyAdds } from '../train/product.ts';
import { nameGeneratedKernels, profile } from '../train/profile.ts';

const BATCH = 32;
const CLASSES = 5;
/** Runs that do not count: TensorFlow plans the graph and allocates memory. */
const WARM_UP = 2;
const SIZES = [96, 128, 224] as const;

/** Measures training: the forward pass, the whole step, and the input pipeline alone; or profiles a step. */
export async function benchTrain(
  options: BenchOptions,
  context: BenchContext,
): Promise<TrainResult | TrainProfileResult> {
  const { env, log } = context;
  const found = await findInstallation(nativeCache({ env }), thisHost());
  if (!found) {
    throw new HebbError('native_unavailable', 'There is no native TensorFlow on this machine.', {
      hint: 'Install it: npx hebb native install',
    });
  }
  if (options.profile) nameGeneratedKernels();
  const binding = loadBinding(found.addon);
  if (found.kernels) loadKernels(found.kernels);
  if (options.profile) return profileStep(binding, found.kernels !== undefined, options);
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
  const product = await measureProduct(binding, options.rounds);
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
    product: { ...product, multiplyAdds: stepMultiplyAdds(googlenet(specOf(224))) },
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

const specOf = (inputSize: number) =>
  ({ variant: 'bn5x5', classes: CLASSES, inputSize }) as const satisfies NetworkSpec;

const stepCases = (kernels: boolean): StepCase[] =>
  [false, true].flatMap((auxiliary) =>
    PRECISIONS.flatMap((precision) =>
      SIZES.map((size) => ({ size, precision, auxiliary, kernels })),
    ),
  );

/** With or without mixup and weight averaging, which the comparison with PyTorch leaves out. */
type Extras = 'all' | 'none';

function openSession(
  binding: Binding,
  { size, precision, auxiliary, kernels }: StepCase,
  extras: Extras,
): Promise<TrainingSession> {
  return createTrainingSession(binding, {
    spec: specOf(size),
    evaluationSize: size,
    preprocessing: defaultPreprocessing(size),
    precision,
    kernels,
    batchSize: BATCH,
    auxiliary,
    layerRate: () => 1,
    mixup: extras === 'all',
    average: extras === 'all',
    optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true },
    weightDecay: 5e-4,
    clipNorm: 0,
  });
}

/** Profiles steps as they are compared with PyTorch. */
async function profileStep(
  binding: Binding,
  kernels: boolean,
  { rounds, note }: BenchOptions,
): Promise<TrainProfileResult> {
  const of = { size: 224, precision: 'bf16', auxiliary: false, kernels } as const;
  const { size, precision } = of;
  const session = await openSession(binding, of, 'none');
  try {
    const weights = initialWeights(googlenet(specOf(size), { auxiliary: false }), 1);
    session.initialise(startingState(session.variables, weights));
    const pixels = somePixels(size);
    const steps = (first: number, count: number) => {
      for (let i = first; i < first + count; i++) trainOnce(session, pixels, size, i, 'none');
    };
    steps(0, WARM_UP);
    const rows = await profile(() => steps(WARM_UP, rounds));
    const machine = describeMachine(new Date());
    const about = { machine, ...(note !== undefined && { note }) };
    return { bench: 'train-profile', ...about, batch: BATCH, size, precision, steps: rounds, rows };
  } finally {
    session.dispose();
  }
}

const somePixels = (size: number): Uint8Array =>
  Uint8Array.from({ length: BATCH * size * size * 3 }, (_, i) => (i * 97) & 255);

async function measureStep(
  binding: Binding,
  of: StepCase,
  rounds: number,
  pytorch?: Pytorch,
): Promise<TrainStepResult> {
  const { size, precision, auxiliary } = of;
  const session = await openSession(binding, of, 'all');
  const like = pytorch && (await openSession(binding, of, 'none'));
  try {
    const weights = initialWeights(googlenet(specOf(size), { auxiliary }), 1);
    for (const each of like ? [session, like] : [session]) {
      each.initialise(startingState(each.variables, weights));
    }
    const pixels = somePixels(size);
    const forward = timed(rounds, () => session.evaluate(pixels, BATCH));
    const step: number[] = [];
    const likeStep: number[] = [];
    const theirs = LAYOUTS.map((layout) => ({ layout, rates: [] as number[] }));
    for (let i = 0; i < WARM_UP + rounds; i++) {
      const ours = rateOf(() => trainOnce(session, pixels, size, i, 'all'));
      const ofLike = like && rateOf(() => trainOnce(like, pixels, size, i, 'none'));
      if (i < WARM_UP) continue;
      step.push(ours);
      if (ofLike === undefined) continue;
      likeStep.push(ofLike);
      for (const { layout, rates } of theirs) {
        const ms = await pytorch!.step({ size, precision, layout, batch: BATCH });
        rates.push((1000 * BATCH) / ms);
      }
    }
    return {
      size,
      precision,
      auxiliary,
      forward: spread(forward),
      step: spread(step),
      ...(pytorch && {
        likePytorch: spread(likeStep),
        pytorch: theirs.map(({ layout, rates }) => ({
          layout,
          step: spread(rates),
          timesPytorch: spread(likeStep.map((rate, i) => rate / rates[i]!)),
        })),
      }),
    };
  } finally {
    session.dispose();
    like?.dispose();
  }
}

function trainOnce(
  session: TrainingSession,
  pixels: Uint8Array,
  size: number,
  step: number,
  extras: Extras,
): void {
  const labels = Int32Array.from({ length: BATCH }, (_, i) => i % CLASSES);
  const { share } = drawMix({ mixup: extras === 'all' ? 0.2 : 0, cutmix: 0 }, size, step);
  const soft = softLabels(labels, { classes: CLASSES, labelSmoothing: 0.1, share });
  const shares = new Float32Array(BATCH).fill(share);
  const batch = { pixels, labels, size };
  session.step({ batch, ...soft, shares, seed: step, rate: 0.01, step, averageDecay: 0.9 });
}

/** Images per second of each run. */
const timed = (rounds: number, run: () => void): number[] =>
  Array.from({ length: WARM_UP + rounds }, () => rateOf(run)).slice(WARM_UP);

function rateOf(run: () => void): number {
  const began = performance.now();
  run();
  return (1000 * BATCH) / (performance.now() - began);
}
