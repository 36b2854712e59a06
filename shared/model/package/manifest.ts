/**
 * A model package: a folder of `manifest.json`, weights and a model card. `parse-manifest.ts` has the
 * manifest's schema. Only the page reads manifests without it, from a Worker that has checked them: its script
 * has no room for the schema.
 * @module
 */
import type { NetworkSpec } from '../network/googlenet.ts';
import type { Preprocessing } from '../preprocess/preprocessing.ts';

export const PACKAGE_FORMAT = 'hebb-model/1';

/**
 * The format of packages whose answers mean something else than in format 1: a network that ends in sigmoid.
 * Readers of format 1 ignore members that they do not know and would serve softmax; they refuse this
 * format instead.
 */
export const PACKAGE_FORMAT_2 = 'hebb-model/2';

export type PackageFormat = typeof PACKAGE_FORMAT | typeof PACKAGE_FORMAT_2;

/** The lowest format whose readers understand the network. */
export const formatOf = ({ output }: Pick<NetworkSpec, 'output'>): PackageFormat =>
  output === undefined ? PACKAGE_FORMAT : PACKAGE_FORMAT_2;

/**
 * Names of the files in a package's folder. `f32` holds F32 tensors, or F16 tensors at half the size, which are
 * read as float32.
 */
export const PACKAGE_FILES = {
  manifest: 'manifest.json',
  f32: 'weights.f32.safetensors',
  int8: 'weights.int8.safetensors',
  card: 'README.md',
  /** Training and validation images: gpu-tier/packages/split.ts. */
  split: 'split.json',
} as const;

export type WeightsFile = (typeof PACKAGE_FILES)['f32' | 'int8'];

export interface Label {
  /** Stable identifier where the data set has one: `n01440764`. */
  readonly id?: string;
  readonly name: string;
  /**
   * Only where the network ends in sigmoid: an image shows this class if its probability is at least this
   * number. Absent: `DEFAULT_THRESHOLD`.
   */
  readonly threshold?: number;
}

/** Threshold of a label without one: more likely than not. */
export const DEFAULT_THRESHOLD = 0.5;

export const thresholdOf = ({ threshold }: Label): number => threshold ?? DEFAULT_THRESHOLD;

export interface FileDigest {
  readonly sha256: string;
  readonly bytes: number;
}

/** Loss of accuracy by quantisation, on the evaluation images. */
export interface QuantizationReport {
  /** int8 weights per output channel, unsigned 7-bit activations per tensor. */
  readonly scheme: 'w8a7';
  /** How activation scales were chosen, e.g. `percentile 99.99`. */
  readonly scales: string;
  readonly calibrationImages: number;
  readonly evaluationImages: number;
  /** Percent; absent when the evaluation images carry no labels. */
  readonly float?: { readonly top1: number; readonly top5: number };
  readonly int8?: { readonly top1: number; readonly top5: number };
  /** Of networks that end in sigmoid, instead of top-1 and top-5. */
  readonly meanAveragePrecision?: MeanAveragePrecision;
  /**
   * Percent of images with the same top-1 answer in float32 and int8; where the network ends in sigmoid, the
   * mean overlap of their labels (Jaccard index).
   */
  readonly agreement: number;
  /** The quantiser's steps in order, measured on calibration images that it held out. */
  readonly steps?: readonly QuantizationStep[];
}

/** The int8 network after one step of the quantiser, and all steps before it that were taken. */
export interface QuantizationStep {
  readonly step: string;
  /** Whether it was kept. */
  readonly taken: boolean;
  /** Percent of images with the same top-1 answer as in float32. */
  readonly agreement: number;
  /** Points of top-1 that are lost; absent without labels. */
  readonly loss?: number;
  /** Mean Kullback–Leibler divergence of the probabilities from those in float32, nats. */
  readonly divergence: number;
  /** Signal-to-noise ratio of the logits, decibels. */
  readonly decibels: number;
}

/** Mean average precision over the classes, percent. */
export interface MeanAveragePrecision {
  readonly float?: number;
  readonly int8?: number;
}

/** Percent of images whose class is the first answer, or among the first five. */
export interface MeasuredAccuracy {
  readonly top1: number;
  readonly top5: number;
}

/** Accuracy on images that the package was not trained on. */
export interface MetricsReport {
  /** The data set and its part: `flowers/val`. */
  readonly data: string;
  readonly images: number;
  readonly float?: MeasuredAccuracy;
  readonly int8?: MeasuredAccuracy;
  /** Of networks that end in sigmoid, instead of top-1 and top-5. */
  readonly meanAveragePrecision?: MeanAveragePrecision;
}

/** Data and settings of the training. */
export interface TrainingReport {
  /** Name of the data set. */
  readonly data: string;
  /** Number of training images. */
  readonly images: number;
  /** The data set's fingerprint: sha256, hex. */
  readonly fingerprint: string;
  /** Other settings, in the order to show: `epochs` → `120`. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface Manifest {
  readonly format: PackageFormat;
  readonly name: string;
  /** sha256 over the content (network, preprocessing, labels, digests of the weights), hex. */
  readonly version: string;
  readonly network: NetworkSpec;
  readonly preprocessing: Preprocessing;
  readonly labels: readonly Label[];
  readonly files: Partial<Record<WeightsFile, FileDigest>>;
  readonly quantization?: QuantizationReport;
  readonly metrics?: MetricsReport;
  readonly training?: TrainingReport;
  /** The digest of split.json, in packages from `hebb train`. */
  readonly split?: FileDigest;
  /** Where the weights came from: a file and its digest, a training run. */
  readonly lineage: Readonly<Record<string, string>>;
}

export type ManifestDraft = Omit<Manifest, 'format' | 'version'>;

/** Fills in format and version. */
export async function sealManifest(draft: ManifestDraft): Promise<Manifest> {
  return { format: formatOf(draft.network), version: await contentVersion(draft), ...draft };
}

/** The version that a manifest must have: sha256 over network, preprocessing, labels, digests. */
export async function contentVersion(draft: ManifestDraft): Promise<string> {
  const files = Object.entries(draft.files).sort(([a], [b]) => (a < b ? -1 : 1));
  const content = JSON.stringify([draft.network, draft.preprocessing, draft.labels, files]);
  return sha256Text(content);
}

/** SHA-256 in lower-case hex. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A package's name is a short slug: it becomes a folder, a key and a part of addresses. */
export const isPackageName = (name: string): boolean => /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name);

/** SHA-256 of a text's UTF-8, in hex. */
export const sha256Text = (text: string): Promise<string> => sha256(new TextEncoder().encode(text));
