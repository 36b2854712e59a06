/**
 * Results of the benches as they are written to JSON and committed under bench/results.
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

/** An engine on one network. */
export interface EngineResult extends EngineInfo {
  readonly network: string;
  /** What the engine chose for itself on this machine. */
  readonly detail?: string;
  /** What the engine holds: weights, activations, tables. */
  readonly memoryBytes?: number;
  /** Milliseconds per image; the spread is that of the rounds' medians. */
  readonly ms: Spread;
  /** How many times as long it takes as ours in the same kind of host, round by round. */
  readonly timesOurs?: Spread & { readonly ours: string };
  /** Milliseconds that LRN adds, round by round; on the network that has it. */
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
  /** `3×3/1` where the layer has a window. */
  readonly window?: string;
  /** 0 for layers that do not multiply by weights. */
  readonly multiplyAdds: number;
  /** The convolution that the engine takes by itself on this CPU. */
  readonly chosen?: string;
  /** Microseconds by each kernel that can run the layer; `only` where there is no choice. */
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

/** A way from a JPEG file to the network's input pixels. */
export interface DecodeEntry {
  readonly coding: string;
  readonly fileBytes: number;
  readonly decoder: string;
  /** Sides of the decoded picture are 1/reduction of the file's. */
  readonly reduction: number;
  readonly ms: Spread;
  /** The largest that the codec's WebAssembly memory came to; 0 when it was not needed. */
  readonly wasmBytes?: number;
  /** Mean absolute difference of the input from that of a full native decode, grey levels. */
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

/** The tier under 64 clients against its backend in a loop, in turns. */
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
  /** Milliseconds from sending to the whole answer. */
  readonly p50: number;
  readonly p99: number;
  readonly requests: number;
}

export interface CrashResult {
  readonly requests: number;
  readonly clients: number;
  /** Answers equal to the ones that were given before. */
  readonly right: number;
  /** Errors by status and code: `503 host_restarted`. */
  readonly refused: Readonly<Record<string, number>>;
  /** Answers that differ, or connections that broke: there must be none. */
  readonly wrong: number;
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

/** A training step at one size, images per second. */
export interface TrainStepResult {
  /** Side of the images, pixels. */
  readonly size: number;
  readonly precision: Precision;
  /** With both auxiliary classifiers. */
  readonly auxiliary: boolean;
  /** The network at inference, as validation runs it. */
  readonly forward: Spread;
  /** Forward, losses, gradients, updates, averages. */
  readonly step: Spread;
  /** Without mixing images and averaging weights, which PyTorch's step does not. */
  readonly likePytorch?: Spread;
  /** PyTorch's eager mode, step by step in turn with `likePytorch`; forward, loss, gradients, updates. */
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
  /** Of large matrices; and multiply-adds of a step at 224 px per image, without auxiliary heads. */
  readonly product: ProductRate & { readonly multiplyAdds: number };
  readonly pipeline: readonly PipelineRate[];
  /** PyTorch's version, where it was measured. */
  readonly pytorch?: string;
}

/** A large batch through the edge, beside the same images sent to the GPU tier directly. */
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
  /** Ms from sending the batch to its first result. */
  readonly firstMs: Spread;
  /** Ms of one chunk, sent directly and alone. */
  readonly chunkMs: Spread;
  /** The first as a multiple of the second, round by round. */
  readonly firstInChunks: Spread;
  /** Results by the tier that gave them, in the last round. */
  readonly tiers: Readonly<Record<string, number>>;
}

export type BenchResult =
  | BatchResult
  | EnginesResult
  | KernelsResult
  | DecodeResult
  | GpuTierResult
  | TrainResult;
