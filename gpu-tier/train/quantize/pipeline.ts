/**
 * Quantises a float32 package for the edge: decode images, calibrate, quantise, compare with float32,
 * check the gate, write.
 * @module
 */
import type { ImageFile } from '@hebb/images/images';
import {
  answerLayer,
  checkQuantizable,
  foldBatchNorm,
  googlenet,
  HebbError,
  type Label,
  type Manifest,
  type MetricsReport,
  type QuantizationStep,
  type Tensors,
  writeSafetensors,
} from '@hebb/model';
import { type PackageFolder, writePackage } from '@hebb/packages/folder';
import type { RunnerBackend } from '@hebb/tensorflow/backend/create-runner';
import { labelledFiles } from '../dataset/labelled-files.ts';
import { calibrate } from './calibrate.ts';
import { type Comparison, ComparisonCounter, probabilities } from './evaluate.ts';
import { type FloatNetwork, loadFloatNetwork } from './float-network.ts';
import { checkGate, type Gate } from './gate.ts';
import { type HeldOut, improve, measurements } from './improve.ts';
import { labelIndex } from './labels.ts';
import { type LayerNoise, layerNoise } from './noise.ts';
import type { ScaleRule, TrainedScales } from './plan.ts';
import { pixelsNeeded } from './round.ts';
import { QuantizeThreads } from './threads.ts';

export interface PipelineOptions {
  /** Calibration images: a folder, or files. */
  readonly calibrate: string | readonly ImageFile[];
  /** Images for the comparison with float32; a folder's images are labelled by subfolder or synset. */
  readonly evaluate: string | readonly ImageFile[];
  /** Largest number of calibration images, evenly spread over the folder. */
  readonly calibrationImages: number;
  readonly scales: ScaleRule;
  /** `auto`: use it if it brings the answers on held-out images closer to float32. */
  readonly biasCorrection: boolean | 'auto';
  /** The scales of a training for int8; used if they bring the answers closer to float32 than all other steps. */
  readonly trained?: TrainedScales;
  readonly gate: Gate;
  /** Folder to write the package to. */
  readonly out: string;
}

/** Dependencies of the pipeline. */
export interface PipelineTools {
  /** Computes float32; see `evaluationBackend`. */
  readonly backend: Pick<RunnerBackend, 'addon' | 'kernels'>;
  /** The compiled kernels of the edge (see `loadKernels`). */
  readonly kernels: WebAssembly.Module;
  /** Starts the progress of a stage of `total` images; returns its counter. */
  readonly stage: (label: string, total: number) => (done: number) => void;
}

export interface PipelineResult {
  readonly manifest: Manifest;
  readonly comparison: Comparison;
  readonly noise: readonly LayerNoise[];
  /** What each step of the quantiser gave. */
  readonly steps: readonly QuantizationStep[];
  /** Calibration images that the steps were measured on, and not calibrated on. */
  readonly heldOut: number;
  /** Bytes of the weights. */
  readonly size: { readonly float: number; readonly int8: number };
}

/** Images for the noise per layer: few, because all activations are compared. */
const NOISE_IMAGES = 8;

/**
 * Quantises a package and writes it, with its float32 weights, to `options.out`. Throws `accuracy_loss`
 * and writes nothing when int8 fails the gate.
 * @example
 * const { comparison } = await quantizePackage(await readPackage('models/flowers'), options, tools);
 */
export async function quantizePackage(
  source: PackageFolder,
  options: PipelineOptions,
  tools: PipelineTools,
): Promise<PipelineResult> {
  const { network: spec, preprocessing, labels } = source.manifest;
  const { network, weights } = foldBatchNorm(googlenet(spec), await source.tensors('f32'));
  checkQuantizable(network); // before any image is read
  const files = spread(
    await someImages(options.calibrate, source.manifest),
    options.calibrationImages,
  );
  const evaluation = await someImages(options.evaluate, source.manifest);
  const model = { network, weights, preprocessing };

  const float = await loadFloatNetwork(model, tools.backend);
  const threads = new QuantizeThreads({
    network: network.spec,
    preprocessing,
    kernels: tools.kernels,
  });
  try {
    const pixels = await decode(files, threads, tools);
    const held = heldOutOf(files);
    const calibrated = pixels.length < 2 ? pixels : pixels.filter((_, i) => !held.has(i));
    const watch = tools.stage('calibrate', calibrated.length);
    const calibration = calibrate(float, network, calibrated, watch);
    const heldOut = withLogits(float, files, pixels, held, labels);
    const { biasCorrection, scales: rule, trained } = options;
    const total = measurements(network, biasCorrection, trained);
    const onMeasured = tools.stage('improve', total);
    const improved = await improve(model, calibration, heldOut, {
      rule,
      biasCorrection,
      ...(trained && { trained }),
      logits: (images, int8) => threads.logits(images, int8),
      windows: (int8) => threads.windows(calibrated, int8, pixelsNeeded(calibrated.length)),
      product: float.product,
      onMeasured,
    });
    onMeasured(total); // the scale search may need fewer
    const { plan, tensors, steps } = improved;
    const comparison = await compare(float, source.manifest, tensors, evaluation, threads, tools);
    const noise = layerNoise(tools.kernels, model, plan, float, pixels.slice(0, NOISE_IMAGES));
    checkGate(comparison, options.gate);
    const f32 = await source.bytes('f32');
    const int8 = writeSafetensors(tensors);
    const { format: _, version: __, files: ___, metrics, ...draft } = source.manifest;
    const { labelled: ____, images: evaluationImages, ...measured } = comparison;
    const quantization = {
      scheme: 'w8a7' as const,
      scales: improved.trained ? 'trained' : scaleText(options.scales),
      calibrationImages: pixels.length,
      evaluationImages,
      ...measured,
      steps,
    };
    const manifest = await writePackage(options.out, {
      manifest: { ...draft, labels, quantization, ...(metrics ? floatOnly(metrics) : {}) },
      weights: { f32, int8 },
      split: await source.split(),
    });
    const size = { float: f32.byteLength, int8: int8.byteLength };
    return { manifest, comparison, noise, steps, heldOut: held.size, size };
  } finally {
    float.dispose();
    await threads.close();
  }
}

/** Drops the metrics of the replaced int8 weights. */
const floatOnly = ({ int8: _, meanAveragePrecision: map, ...metrics }: MetricsReport) => ({
  metrics: {
    ...metrics,
    ...(map?.float === undefined ? {} : { meanAveragePrecision: { float: map.float } }),
  },
});

const scaleText = (scales: ScaleRule): string =>
  scales.rule === 'mse' ? 'least squared error' : `percentile ${scales.percent}`;

async function someImages(
  source: string | readonly ImageFile[],
  { network }: Pick<Manifest, 'network'>,
): Promise<readonly ImageFile[]> {
  const multiLabel = network.output === 'sigmoid';
  const images = typeof source === 'string' ? await labelledFiles(source, multiLabel) : source;
  if (images.length > 0) return images;
  throw new HebbError('file_not_found', `There are no images in ${source}.`, {
    hint: 'Name a folder of JPEG, PNG, WebP, AVIF or GIF files.',
  });
}

/** At most `count` items, evenly spread over the list. */
function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!);
}

/** A quarter of the calibration images is held out; this is the most. */
const MOST_HELD_OUT = 32;

/** The indices of the images that steps are measured on, evenly spread. A single image serves for both. */
function heldOutOf(files: readonly ImageFile[]): ReadonlySet<number> {
  if (files.length < 2) return new Set([0]);
  const count = Math.min(MOST_HELD_OUT, Math.ceil(files.length / 4));
  return new Set(spread([...files.keys()].slice(1), count));
}

async function decode(
  files: readonly ImageFile[],
  threads: QuantizeThreads,
  tools: PipelineTools,
): Promise<Uint8Array[]> {
  const done = tools.stage('decode', files.length);
  const pixels: Uint8Array[] = [];
  for await (const { images } of threads.files(files.map(({ path }) => path))) {
    pixels.push(...images);
    done(pixels.length);
  }
  return pixels;
}

/** float32 [classes] of each image. */
function logitsOf(float: FloatNetwork, images: readonly Uint8Array[]): Float32Array[] {
  const logits: Float32Array[] = [];
  for (let at = 0; at < images.length; at += float.batch) {
    const batch = images.slice(at, at + float.batch);
    const [all] = float.run(batch, ['linear']);
    const classes = all!.length / batch.length;
    for (const i of batch.keys()) logits.push(all!.slice(i * classes, (i + 1) * classes));
  }
  return logits;
}

function withLogits(
  float: FloatNetwork,
  files: readonly ImageFile[],
  pixels: readonly Uint8Array[],
  indices: ReadonlySet<number>,
  labels: readonly Label[],
): HeldOut {
  const indexOf = labelIndex(labels);
  const images = pixels.filter((_, i) => indices.has(i));
  return {
    images,
    logits: logitsOf(float, images),
    labels: files.filter((_, i) => indices.has(i)).map(({ label }) => indexOf(label)),
  };
}

async function compare(
  float: FloatNetwork,
  manifest: Manifest,
  int8: Tensors,
  files: readonly ImageFile[],
  threads: QuantizeThreads,
  tools: PipelineTools,
): Promise<Comparison> {
  const indexOf = labelIndex(manifest.labels);
  const answer = answerLayer(manifest.network);
  const counter = new ComparisonCounter(manifest);
  const stage = tools.stage('compare', files.length);
  let done = 0;
  for await (const { images, logits } of threads.files(
    files.map(({ path }) => path),
    int8,
  )) {
    for (const [i, real] of logitsOf(float, images).entries()) {
      const { label, labels: set } = files[done]!;
      const truth = set?.flatMap((name) => indexOf(name) ?? []) ?? indexOf(label);
      counter.add(probabilities(real, answer), probabilities(logits[i]!, answer), truth);
      done++;
    }
    stage(done);
  }
  return counter.result();
}
