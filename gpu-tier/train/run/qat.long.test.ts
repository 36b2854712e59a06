/**
 * Training for int8 on a network that was trained in float32: on stripes of three colours, at 64 pixels.
 * @module
 */
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineOf } from '@hebb/engine';
import { FileDecoder } from '@hebb/images/file';
import {
  createReference,
  foldBatchNorm,
  googlenet,
  layerParameters,
  normalise,
  readQuantizedModel,
  type Tensor,
} from '@hebb/model';
import { loadTfjsWasm } from '@hebb/tensorflow/backend/tfjs-wasm';
import { describeWithTensorFlow, ownKernelsLoaded, tensorflow } from '@hebb/test/graph/tensorflow';
import { bytesOf } from '@hebb/test/support/bytes-of';
import { kernels } from '@hebb/test/support/kernels';
import { writeImages } from '@hebb/test/train/images';
import { trainTools } from '@hebb/test/train/tools';
import { beforeAll, expect, it } from 'vitest';
import type { Dataset } from '../dataset/dataset.ts';
import { readDataset } from '../dataset/read.ts';
import { calibrate } from '../quantize/calibrate.ts';
import { loadFloatNetwork } from '../quantize/float-network.ts';
import { plainPlan, planTensors, type TrainedScales, trainedPlan } from '../quantize/plan.ts';
import { createTrainingSession, type TrainingState } from '../step/session.ts';
import { RECIPES, specOf, type TrainConfig } from './config.ts';
import type { LoopResult } from './loop.ts';
import { defaultPreprocessing } from './package.ts';
import { QAT_CHECKPOINT, qatConfig, qatResult, qatStart } from './qat.ts';
import { createRun, openRun, type RunFolder } from './run-folder.ts';
import { fromScratch } from './start.ts';
import { startingState } from './state.ts';
import { runTraining, type TrainPhase } from './train.ts';

const CONFIG: Omit<TrainConfig, 'data'> = {
  ...RECIPES.quick,
  name: 'stripes',
  epochs: 3,
  batchSize: 8,
  validateEvery: 3,
  cacheMb: 50,
  qatEpochs: 3,
};
const CLASSES = 3;
const preprocessing = defaultPreprocessing(CONFIG.inputSize);

let config: TrainConfig;
let dataset: Dataset;
let trained: TrainingState;
let first: Map<string, Float32Array>;

describeWithTensorFlow('training for int8', () => {
  beforeAll(async () => {
    const data = await mkdtemp(join(tmpdir(), 'hebb-stripes-'));
    await writeImages(data, { train: 16, val: 8 });
    dataset = await readDataset(data);
    config = { ...CONFIG, data };
    const result = await train(await newRun(), fromScratch(config, CLASSES).state, {
      config,
      before: 0,
    });
    trained = result.state;
    const start = { config, state: trained, preprocessing, train: dataset.train, classes: CLASSES };
    first = await qatStart(start, {}, () => {});
  }, 900_000);

  it('brings int8 closer to float32, whose answers it keeps', async () => {
    const run = await newRun();
    const { state } = await train(run, first, phase());
    const { state: weights, scales } = qatResult(state, config, CLASSES, preprocessing);

    const without = await compare(config, trained);
    const adapted = await compare(qatConfig(config), weights, scales);
    expect(adapted.divergence).toBeLessThan(without.divergence);
    expect(adapted.right).toBeGreaterThanOrEqual(without.right);

    const log = (await readFile(join(run.dir, 'log.jsonl'), 'utf8')).trim().split('\n');
    const entries = log.map((line) => JSON.parse(line));
    expect(entries.map(({ epoch, int8 }) => [epoch, int8])).toEqual([
      [4, true],
      [5, true],
      [6, true],
    ]);
  }, 900_000);

  it('simulates the engine’s answers', async () => {
    const simulated = await evaluate(first);
    const { state, scales } = qatResult(first, config, CLASSES, preprocessing);
    const { answers } = await compare(qatConfig(config), state, scales);
    const own = answers.map((_, i) => simulated.subarray(i * CLASSES, (i + 1) * CLASSES));
    expect(own.map(answerOf)).toEqual(answers.map(({ int8 }) => answerOf(int8)));
    const differences = answers.map(({ int8 }, i) => logitDifference(own[i]!, int8));
    expect(Math.max(...differences)).toBeLessThan(0.15); // the logits reach from −2 to 4
  }, 900_000);

  it('resumes bit for bit', async () => {
    const whole = await train(await newRun(), first, phase());
    const { dir } = await newRun();
    const stopped = await train(await openRun(dir), first, phase(), 8); // 6 steps an epoch
    expect(stopped.finished).toBe(false);
    const resumed = await train(await openRun(dir), first, phase());
    for (const [name, values] of whole.state) {
      expect(bytesOf(resumed.state.get(name)!).equals(bytesOf(values)), name).toBe(true);
    }
  }, 900_000);
});

const newRun = async (): Promise<RunFolder> =>
  createRun(await mkdtemp(join(tmpdir(), 'hebb-runs-')), config, dataset, new Date());

const phase = (): TrainPhase => ({
  config: qatConfig(config),
  before: config.epochs,
  checkpoint: QAT_CHECKPOINT,
  int8: true,
});

async function train(
  run: RunFolder,
  state: TrainingState,
  of: TrainPhase,
  stopAfter = Number.POSITIVE_INFINITY,
): Promise<LoopResult> {
  const tools = trainTools({ stopAfter });
  return runTraining(run, { ...dataset, holdOut: [] }, { preprocessing, state }, tools, of);
}

/** Kullback–Leibler divergence of q from p, nats. */
const divergence = (p: Float32Array, q: Float32Array): number =>
  p.reduce((sum, pi, i) => sum + pi * Math.log(pi / q[i]!), 0);

const answerOf = (p: Float32Array): number => p.indexOf(Math.max(...p));

/** Differences of the logits from the first class's, which the probabilities determine. */
const logits = (p: Float32Array): number[] => [...p].map((value) => Math.log(value / p[0]!));

/** The largest difference between the logits of two answers. */
const logitDifference = (a: Float32Array, b: Float32Array): number => {
  const others = logits(b);
  return Math.max(...logits(a).map((logit, c) => Math.abs(logit - others[c]!)));
};

const pixelsOf = (side: 'train' | 'val'): Promise<Uint8Array[]> => {
  const decoder = new FileDecoder();
  return Promise.all(dataset[side].map(({ path }) => decoder.input(path, preprocessing)));
};

/** Probabilities of the validation images in the graph that simulates int8, [n · classes]. */
async function evaluate(state: TrainingState): Promise<Float32Array> {
  const images = await pixelsOf('val');
  const { inputSize } = config;
  const session = await createTrainingSession(tensorflow(), {
    spec: specOf(qatConfig(config), CLASSES),
    evaluationSize: inputSize,
    preprocessing,
    precision: 'f32',
    kernels: ownKernelsLoaded(),
    batchSize: 1,
    auxiliary: false,
    mixup: false,
    average: false,
    int8: true,
    layerRate: () => 1,
    optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true },
    weightDecay: 0,
    clipNorm: 0,
  });
  session.initialise(startingState(session.variables, state));
  const probabilities = session.evaluate(new Uint8Array(Buffer.concat(images)), images.length);
  session.dispose();
  return probabilities;
}

/** Quantises weights, and compares the engine's answers with float32 on the validation images. */
async function compare(
  of: TrainConfig,
  state: TrainingState,
  trained?: TrainedScales,
): Promise<{
  divergence: number;
  right: number;
  answers: { float: Float32Array; int8: Float32Array }[];
}> {
  const unfolded = googlenet(specOf(of, CLASSES));
  const tensors = new Map(
    unfolded.layers.flatMap(layerParameters).map(({ name, shape }): [string, Tensor] => {
      const data = state.get(`average/${name}`) ?? state.get(name);
      return [name, { dtype: 'F32', shape, data: data as Float32Array<ArrayBuffer> }];
    }),
  );
  const { network, weights } = foldBatchNorm(unfolded, tensors);
  const reference = createReference(await loadTfjsWasm(), network, weights);
  const model = { network, weights, preprocessing };
  const float32 = await loadFloatNetwork(model, {});
  const calibration = calibrate(float32, network, await pixelsOf('train'));
  float32.dispose();
  const rule = { rule: 'percentile', percent: 99.99 } as const;
  const plan = trained ? trainedPlan(model, trained) : plainPlan(network, calibration, rule);
  const quantized = planTensors(model, plan);
  const engine = engineOf(kernels.relaxed, readQuantizedModel(network.spec, quantized));
  const answers = (await pixelsOf('val')).map((image) => ({
    float: reference.classify(normalise(image, preprocessing)),
    int8: engine.classify(image),
  }));
  reference.dispose();
  return {
    divergence: answers.reduce((sum, { float, int8 }) => sum + divergence(float, int8), 0),
    right: answers.filter(({ int8 }, i) => answerOf(int8) === dataset.val[i]!.label).length,
    answers,
  };
}
