/**
 * Quantisation-aware training: the last phase of a run. It trains the folded network further while the graph simulates
 * the edge's int8 arithmetic, so that the weights and the ranges of the activations adapt to it.
 * @module
 */
import { FileDecoder } from '@hebb/images/file';
import {
  ACTIVATION_MAX,
  firstConvRows,
  foldBatchNorm,
  googlenet,
  layerParameters,
  type Network,
  type Preprocessing,
  type Tensor,
  type Tensors,
} from '@hebb/model';
import type { RunnerBackend } from '@hebb/tensorflow/backend/create-runner';
import type { Example } from '../dataset/dataset.ts';
import { calibrate } from '../quantize/calibrate.ts';
import { loadFloatNetwork } from '../quantize/float-network.ts';
import { plainPlan, type TrainedScales } from '../quantize/plan.ts';
import { foldPreprocessing } from '../quantize/quantize.ts';
import { quantizeRows, toRows } from '../quantize/weights.ts';
import { derivedSeed } from '../random/random.ts';
import { layersWithRange, rangeName } from '../step/int8-simulation.ts';
import type { TrainingState } from '../step/session.ts';
import { averageName } from '../step/step-graph.ts';
import { specOf, type TrainConfig } from './config.ts';
import { finalWeights } from './state.ts';

/** File of the phase's checkpoints in the run's folder. */
export const QAT_CHECKPOINT = 'qat.safetensors';

/** Images from which the first ranges are measured: the training corrects them. */
export const RANGE_IMAGES = 48;
/** A first range covers this share of the activations; see docs/quantization.md. */
const RANGE_PERCENT = 99.99;

/** Epochs of the phase; 0 for none, as in runs of older versions. */
export const qatEpochs = ({ qatEpochs: epochs = 0 }: Pick<TrainConfig, 'qatEpochs'>): number =>
  epochs;

/** The configuration of the phase. */
export function qatConfig(config: TrainConfig): TrainConfig {
  const [, size] = config.sizes.at(-1)!;
  return {
    ...config,
    folded: true,
    auxiliary: false,
    headEpochs: 0,
    unfreeze: [],
    trunkRate: 1,
    layerDecay: 1,
    holdOut: 0,
    epochs: qatEpochs(config),
    sizes: [[1, size]],
    optimizer: 'sgd',
    momentum: 0.9,
    nesterov: true,
    rate: config.qatRate,
    schedule: 'cosine',
    warmup: 0,
    weightDecay: 0,
    mixup: 0,
    cutmix: 0,
    erasing: 0,
    // bfloat16 cannot represent activations of 7 bits times a scale.
    precision: 'f32',
    seed: derivedSeed(config.seed, 17),
    validateEvery: 1,
  };
}

export interface QatStart {
  /** The configuration of the whole run. */
  readonly config: TrainConfig;
  /** The state that the phase starts from. */
  readonly state: TrainingState;
  readonly preprocessing: Preprocessing;
  readonly train: readonly Example[];
  readonly classes: number;
}

/**
 * The first state of the phase: the trained weights with batch norm folded in, and the range of each layer's
 * activations, measured on training images.
 * @param onImage called with the number of finished images, up to `RANGE_IMAGES`
 */
export async function qatStart(
  { config, state, preprocessing, train, classes }: QatStart,
  backend: Pick<RunnerBackend, 'addon' | 'kernels'>,
  onImage: (done: number) => void,
): Promise<Map<string, Float32Array>> {
  const spec = specOf(config, classes);
  const { network, weights } = foldBatchNorm(
    googlenet(spec),
    tensorsOf(googlenet(spec), (names) => finalWeights(state, names)),
  );
  const decoder = new FileDecoder();
  const count = Math.min(RANGE_IMAGES, train.length);
  const pixels: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const { path } = train[Math.floor((i * train.length) / count)]!;
    pixels.push(await decoder.input(path, preprocessing));
  }
  const float = await loadFloatNetwork({ network, weights, preprocessing }, backend);
  try {
    const calibration = calibrate(float, network, pixels, onImage);
    const rule = { rule: 'percentile', percent: RANGE_PERCENT } as const;
    const { scales } = plainPlan(network, calibration, rule);
    const first = new Map<string, Float32Array>();
    for (const [name, { data }] of weights) first.set(name, data as Float32Array);
    for (const layer of layersWithRange(network)) {
      first.set(rangeName(layer), Float32Array.of(Math.log(ACTIVATION_MAX * scales.get(layer)!)));
    }
    return first;
  } finally {
    float.dispose();
  }
}

export interface QatResult {
  /** Float32 weights that are int8 weights times their scale, by parameter. */
  readonly state: TrainingState;
  readonly scales: TrainedScales;
}

/**
 * What the phase has trained. The weights are those of the simulation, rounded: the float32 network has the same weights
 * as the int8 network, and `trainedPlan` finds the same integers again.
 */
export function qatResult(
  state: TrainingState,
  config: TrainConfig,
  classes: number,
  preprocessing: Preprocessing,
): QatResult {
  const network = googlenet(specOf(qatConfig(config), classes));
  const tensors = tensorsOf(network, (names) => finalWeights(state, names));
  const rounded = new Map<string, Float32Array>();
  const steps = new Map<string, Float32Array>();
  for (const layer of network.layers) {
    for (const { name, shape } of layerParameters(layer)) {
      const data = tensors.get(name)!.data as Float32Array;
      if (!name.endsWith('/kernel')) {
        rounded.set(name, data);
        continue;
      }
      const pixels = layer.inputs[0] === 'input' ? preprocessing : undefined;
      const { kernel, scale } = roundedKernel(data, shape.at(-1)!, pixels);
      rounded.set(name, kernel);
      steps.set(layer.name, scale);
    }
  }
  const clips = new Map(
    layersWithRange(network).map((layer) => {
      const range = state.get(averageName(rangeName(layer))) ?? state.get(rangeName(layer))!;
      return [layer, Math.exp(range[0]!)];
    }),
  );
  return { state: rounded, scales: { clips, weights: steps } };
}

/** @param pixels given for conv1; see `fakeQuantKernel` */
function roundedKernel(
  kernel: Float32Array,
  out: number,
  pixels?: Preprocessing,
): { readonly kernel: Float32Array; readonly scale: Float32Array } {
  const depth = kernel.length / out;
  const rows = toRows(kernel, out);
  if (pixels) foldPreprocessing(rows, pixels);
  const { rows: int8, scale } = quantizeRows(rows, out, pixels && firstConvRows);
  const values = kernel.map((_, i) => {
    const [input, o] = [Math.floor(i / out), i % out];
    const colour = pixels?.channelOrder === 'bgr' ? 2 - (input % 3) : input % 3;
    const at = o * depth + (pixels ? input - (input % 3) + colour : input);
    return (int8[at]! * scale[o]!) / (pixels?.scale[colour] ?? 1);
  });
  return { kernel: values, scale };
}

function tensorsOf(
  network: Network,
  weightsOf: (names: readonly string[]) => ReadonlyMap<string, Float32Array>,
): Tensors {
  const parameters = network.layers.flatMap(layerParameters);
  const weights = weightsOf(parameters.map(({ name }) => name));
  return new Map(
    parameters.map(({ name, shape }): [string, Tensor] => {
      const data = weights.get(name) as Float32Array<ArrayBuffer>;
      return [name, { dtype: 'F32', shape, data }];
    }),
  );
}
