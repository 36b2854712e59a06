/**
 * The results of the benches: the JSON files that are committed under bench/results.
 * @module
 */

import type { LayerKind, Shape } from '@hebb/model';
import type { Precision } from '@hebb/tensorflow/graph/inference';
import type { Answers } from './answers.ts';
import type { EngineInfo } from './engines/engine.ts';
import type { Machine } from './machine.ts';
import type { Spread } from './measure/statistics.ts';
import type { Layout } from './peers/pytorch/pytorch.ts';
import type { RuntimeSize } from './sizes.ts';
import type { PipelineRate } from './train/pipeline.ts';
import type { ProductRate } from './train/product.ts';
import type { ProfileRow } from './train/profile.ts';

/** The result of an engine on one network. */
export interface EngineResult extends EngineInfo {
  readonly network: string;
  /** The kernels or the build that the engine chose on this machine. */
  readonly detail?: string;
  /** Memory of weights, activations and tables. */
  readonly memoryBytes?: number;
  /** Milliseconds per image; the spread is that of the rounds' medians. */
  readonly ms: Spread;
  /** Its time as a multiple of ours in the same kind of host, round by round. */
  readonly timesOurs?: Spread & { readonly ours: string };
  /** Milliseconds that LRN adds, round by round; only on the network with LRN. */
  readonly lrnMs?: Spread;
  readonly answers: Answers;
}

export interface Skipped {
  readonly engine: string;
  readonly network: string;
  readonly reason: string;
}

export interface EnginesResult {
  readonly bench: 'engines';
  readonly machine: Machine;
  readonly weights: string;
  readonly images: string;
  readonly rounds: number;
  readonly runsPerRound: number;
  readonly networks: readonly { readonly id: string; readonly title: string }[];
  readonly engines: readonly EngineResult[];
  readonly skipped: readonly Skipped[];
  readonly sizes: readonly RuntimeSize[];
}

/** A step of our engine: one kernel call. */
export interface StepResult {
  readonly layer: string;
  readonly kind: LayerKind;
  /** Height, width, channels of the output. */
  readonly output: Shape;
  /** Size and stride, e.g. `3×3/1`, for layers with a window. */
  readonly window?: string;
  /** 0 for layers without weights. */
  readonly multiplyAdds: number;
  /** The convolution kernel that the engine chooses on this CPU. */
  readonly chosen?: string;
  /** Microseconds of each kernel that can run the layer; key `only` if there is no choice. */
  readonly microseconds: Readonly<Record<string, number>>;
}

export interface KernelsResult {
  readonly bench: 'kernels';
  readonly machine: Machine;
  readonly weights: string;
  readonly rounds: number;
  readonly steps: readonly StepResult[];
  /** Milliseconds of a whole classification. */
  readonly wholeMs: number;
}

/** One decoder at one reduction, from a JPEG file to the network's input pixels. */
export interface DecodeEntry {
  readonly coding: string;
  readonly fileBytes: number;
  readonly decoder: string;
  /** The decoded image has 1/reduction of the file's width and height. */
  readonly reduction: number;
  readonly ms: Spread;
  /** Peak of the codec's WebAssembly memory, bytes; 0 if it was not needed. */
  readonly wasmBytes?: number;
  /** Mean absolute difference from the input of a full native decode, grey levels. */
  readonly meanDifference: number;
}

export interface DecodeResult {
  readonly bench: 'decode';
  readonly machine: Machine;
  readonly picture: string;
  readonly rounds: number;
  readonly decodes: readonly DecodeEntry[];
}

/** A backend at one batch size. */
export interface BackendResult {
  readonly id: string;
  readonly name: string;
  readonly precision: Precision;
  readonly ours: boolean;
  readonly batch: number;
  /** Milliseconds per image; the spread is that of the rounds' medians. */
  readonly ms: Spread;
  /** Our time as a share of onnxruntime's, round by round. */
  readonly share?: Spread;
  /** Largest difference of a probability from onnxruntime's. */
  readonly maxDifference?: number;
}

/** The tier under 64 clients, and its backend in a loop, measured in turn. */
export interface SustainedResult {
  readonly precision: Precision;
  readonly clients: number;
  /** Images per second. */
  readonly served: Spread;
  readonly loop: Spread;
  /** `served` as a share of `loop`, round by round. */
  readonly share: Spread;
}

export interface LoadPoint {
  readonly clients: number;
  readonly imagesPerSecond: number;
  /** Latency until the whole answer has arrived, milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly requests: number;
}

export interface CrashResult {
  readonly requests: number;
  readonly clients: number;
  /** Answers equal to those before the crash. */
  readonly right: number;
  /** Number of errors by status and code: `503 host_restarted`. */
  readonly refused: Readonly<Record<string, number>>;
  /** Answers that differ: there must be none. */
  readonly wrong: number;
  /** Broken connections: there must be none. */
  readonly lost: number;
}

export interface GpuTierResult {
  readonly bench: 'gpu-tier';
  readonly machine: Machine;
  readonly note?: string;
  readonly weights: string;
  readonly rounds: number;
  readonly runsPerRound: number;
  readonly backends: readonly BackendResult[];
  readonly sustained: readonly SustainedResult[];
  readonly load: readonly LoadPoint[];
  readonly crash: CrashResult;
}

/** A training step at one image size; rates in images per second. */
export interface TrainStepResult {
  /** Width and height of the images, pixels. */
  readonly size: number;
  readonly precision: Precision;
  /** True with both auxiliary classifiers. */
  readonly auxiliary: boolean;
  /** Inference, as validation runs it. */
  readonly forward: Spread;
  /** Forward pass, losses, gradients, updates, weight averages. */
  readonly step: Spread;
  /** A step without mixup and weight averaging, as PyTorch's. */
  readonly likePytorch?: Spread;
  /** PyTorch's eager mode, in turn with `likePytorch`: forward pass, loss, gradients, updates. */
  readonly pytorch?: readonly PytorchStepResult[];
}

export interface PytorchStepResult {
  readonly layout: Layout;
  readonly step: Spread;
  /** Our rate as a multiple of PyTorch's, round by round. */
  readonly timesPytorch: Spread;
}

export interface TrainResult {
  readonly bench: 'train';
  readonly machine: Machine;
  readonly note?: string;
  readonly batch: number;
  readonly rounds: number;
  readonly steps: readonly TrainStepResult[];
  /** Rate of large matrix products; multiply-adds per image of a step at 224 px without auxiliary heads. */
  readonly product: ProductRate & { readonly multiplyAdds: number };
  readonly pipeline: readonly PipelineRate[];
  /** PyTorch's version, if it was measured. */
  readonly pytorch?: string;
}

/** The CPU time of a training step by kernel. */
export interface TrainProfileResult {
  readonly bench: 'train-profile';
  readonly machine: Machine;
  readonly note?: string;
  readonly batch: number;
  /** Width and height of the images, pixels. */
  readonly size: number;
  readonly precision: Precision;
  /** Steps that were sampled. */
  readonly steps: number;
  readonly rows: readonly ProfileRow[];
}

/** A large batch through the edge, and the same images sent to the GPU tier directly. */
export interface BatchResult {
  readonly bench: 'batch';
  readonly machine: Machine;
  readonly note?: string;
  readonly weights: string;
  readonly images: string;
  readonly rounds: number;
  /** Images per second. */
  readonly direct: Spread;
  readonly edge: Spread;
  /** `edge` as a share of `direct`, round by round. */
  readonly share: Spread;
  /** Time to the first result of the batch, ms. */
  readonly firstMs: Spread;
  /** Time of one chunk, sent directly and alone, ms. */
  readonly chunkMs: Spread;
  /** `firstMs` as a multiple of `chunkMs`, round by round. */
  readonly firstInChunks: Spread;
  /** Number of results by tier, in the last round. */
  readonly tiers: Readonly<Record<string, number>>;
}

/** One way to fine-tune a package. */
export interface TransferRun {
  readonly what: string;
  /** Epochs in which the trunk was trained; absent: none. */
  readonly epochs?: number;
  /** Top-1 accuracy on the validation images in float32, 0 to 1. */
  readonly top1: number;
  /** From the command to its end; for ours with features, int8 weights and report. */
  readonly seconds: number;
}

export interface TransferResult {
  readonly bench: 'transfer';
  readonly machine: Machine;
  readonly note?: string;
  /** The package whose weights are fine-tuned. */
  readonly source: string;
  readonly data: {
    readonly name: string;
    readonly train: number;
    readonly val: number;
    readonly classes: number;
  };
  readonly runs: readonly TransferRun[];
}

export type BenchResult =
  | BatchResult
  | EnginesResult
  | KernelsResult
  | DecodeResult
  | GpuTierResult
  | TrainResult
  | TrainProfileResult
  | TransferResult;
