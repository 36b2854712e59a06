/**
 * Quantises a float32 package for the edge: decode images, calibrate, quantise, compare with float32,
 * check the gate, write.
 * @module
 */
import { engineOf, loadEngine } from '@hebb/engine';
import { FileDecoder } from '@hebb/images/file';
import type { ImageFile } from '@hebb/images/images';
import {
  activationScales,
  createReference,
  foldBatchNorm,
  googlenet,
  HebbError,
  type Manifest,
  type MetricsReport,
  normalise,
  type Reference,
  readQuantizedModel,
  type Tensors,
  type Tf,
  tensorOf,
  writeSafetensors,
} from '@hebb/model';
import { type PackageFolder, writePackage } from '@hebb/packages/folder';
import { labelledFiles } from '../dataset/labelled-files.ts';
import { type Calibration, calibrate } from './calibrate.ts';
import { binaryDivergence, type Comparison, ComparisonCounter, divergence } from './evaluate.ts';
import { checkGate, type Gate } from './gate.ts';
import { labelIndex } from './labels.ts';
import { type LayerNoise, layerNoise } from './noise.ts';
import { type QuantizeOptions, quantize, type ScaleRule, type TrainedScales } from './quantize.ts';

export interface PipelineOptions {
  /** Calibration images: a folder, or files. */
  readonly calibrate: string | readonly ImageFile[];
  /** Images for the comparison with float32; a folder's images are labelled by subfolder or synset. */
  readonly evaluate: string | readonly ImageFile[];
  /** Largest number of calibration images, evenly spread over the folder. */
  readonly calibrationImages: number;
  readonly scales: ScaleRule;
  /** `auto`: use it if it brings the answers on the calibration images closer to float32. */
  readonly biasCorrection: boolean | 'auto';
  /**
   * The scales of a training for int8. Used if they bring the answers on the calibration images closer to float32 than
   * `scales`.
   */
  readonly trained?: TrainedScales;
  readonly gate: Gate;
  /** Folder to write the package to. */
  readonly out: string;
}

/** Dependencies of the pipeline. */
export interface PipelineTools {
  readonly tf: Tf;
  /** The compiled kernels of the edge (see `loadKernels`). */
  readonly kernels: WebAssembly.Module;
  /** Starts the progress of a stage of `total` images; returns its counter. */
  readonly stage: (label: string, total: number) => (done: number) => void;
}

export interface PipelineResult {
  readonly manifest: Manifest;
  readonly comparison: Comparison;
  readonly noise: readonly LayerNoise[];
  readonly biasCorrection: boolean;
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
  activationScales(network, () => 1); // throws at once for a variant that cannot be quantised
  const images = spread(
    await someImages(options.calibrate, source.manifest),
    options.calibrationImages,
  );
  const evaluation = await someImages(options.evaluate, source.manifest);

  const decoder = new FileDecoder();
  const decoded = tools.stage('decode', images.length);
  const pixels: Uint8Array[] = [];
  for (const image of images) {
    pixels.push(await decoder.input(image.path, preprocessing));
    decoded(pixels.length);
  }
  const reference = createReference(tools.tf, network, weights);
  try {
    const watch = tools.stage('calibrate', pixels.length);
    const calibration = calibrate(reference, preprocessing, pixels, watch);
    const candidates = choices(options).map((choice) => ({
      ...choice,
      tensors: quantize(network, weights, preprocessing, calibration, choice),
    }));
    const best = closest(candidates, reference, source.manifest, calibration, pixels, tools);
    const int8 = writeSafetensors(best.tensors);
    const comparison = await compare(reference, source.manifest, int8, evaluation, tools);
    const scales = activationScales(
      network,
      (name) => tensorOf(best.tensors, `${name}/activation_scale`, 'F32').data[0]!,
    );
    const noise = layerNoise(
      tools.kernels,
      readQuantizedModel(spec, best.tensors),
      scales,
      reference,
      preprocessing,
      pixels.slice(0, NOISE_IMAGES),
    );
    checkGate(comparison, options.gate);
    const f32 = await source.bytes('f32');
    const { format: _, version: __, files: ___, metrics, ...draft } = source.manifest;
    const { labelled: ____, images: evaluationImages, ...measured } = comparison;
    const quantization = {
      scheme: 'w8a7' as const,
      scales: best.trained ? 'trained' : scaleText(options.scales),
      calibrationImages: pixels.length,
      evaluationImages,
      ...measured,
    };
    const manifest = await writePackage(options.out, {
      manifest: { ...draft, labels, quantization, ...(metrics ? floatOnly(metrics) : {}) },
      weights: { f32, int8 },
      split: await source.split(),
    });
    const size = { float: f32.byteLength, int8: int8.byteLength };
    return { manifest, comparison, noise, biasCorrection: best.biasCorrection, size };
  } finally {
    reference.dispose();
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

function choices({ scales, biasCorrection, trained }: PipelineOptions): QuantizeOptions[] {
  const wanted = biasCorrection === 'auto' ? [false, true] : [biasCorrection];
  const measured = wanted.map((correction) => ({ scales, biasCorrection: correction }));
  return trained ? [{ scales, trained, biasCorrection: false }, ...measured] : measured;
}

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

/** The candidate whose answers on the calibration images are closest to float32. */
function closest<T extends { readonly tensors: Tensors }>(
  candidates: readonly T[],
  reference: Reference,
  { network, preprocessing }: Manifest,
  calibration: Calibration,
  pixels: readonly Uint8Array[],
  tools: PipelineTools,
): T {
  if (candidates.length === 1) return candidates[0]!;
  const done = tools.stage('choose', calibration.images);
  const engines = candidates.map(({ tensors }) =>
    engineOf(tools.kernels, readQuantizedModel(network, tensors)),
  );
  const losses = candidates.map(() => 0);
  const distance = network.output === 'sigmoid' ? binaryDivergence : divergence;
  for (const [i, image] of pixels.entries()) {
    const float = reference.classify(normalise(image, preprocessing));
    for (const [c, engine] of engines.entries()) {
      losses[c]! += distance(float, engine.classify(image));
    }
    done(i + 1);
  }
  return candidates[losses.indexOf(Math.min(...losses))]!;
}

async function compare(
  reference: Reference,
  manifest: Manifest,
  int8: Uint8Array<ArrayBuffer>,
  images: readonly ImageFile[],
  tools: PipelineTools,
): Promise<Comparison> {
  const { network, preprocessing, labels } = manifest;
  const engine = loadEngine(tools.kernels, network, int8);
  const indexOf = labelIndex(labels);
  const counter = new ComparisonCounter(manifest);
  const decoder = new FileDecoder();
  const done = tools.stage('compare', images.length);
  for (const [i, { path, label, labels: set }] of images.entries()) {
    const pixels = await decoder.input(path, preprocessing);
    const float = reference.classify(normalise(pixels, preprocessing));
    const known = set?.flatMap((name) => indexOf(name) ?? []);
    counter.add(float, engine.classify(pixels), known ?? indexOf(label));
    done(i + 1);
  }
  return counter.result();
}
