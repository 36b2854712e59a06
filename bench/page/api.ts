/**
 * What the page and the process that drives it agree on.
 * @module
 */
import type { NetworkSpec } from '@hebb/model';

/** Which library opens which model; strings are URLs. */
export type PageModel = HebbModel | LiteRtModel;

export interface HebbModel {
  readonly library: 'hebb';
  /** `weights.int8.safetensors`. */
  readonly weights: string;
  readonly kernels: string;
  readonly spec: NetworkSpec;
}

export interface LiteRtModel {
  readonly library: 'litert';
  /** A .tflite file. */
  readonly model: string;
}

/** `globalThis.bench` on the page. Engines and inputs are known by names of the caller's choice. */
export interface PageApi {
  /** Answers with the engine's `detail`. */
  open(engine: string, model: PageModel): Promise<string>;
  /** Fetches an input: uint8 pixels and float32 NHWC. */
  input(name: string, pixels: string, nhwc: string): Promise<void>;
  classify(engine: string, input: string): Promise<number[]>;
  time(engine: string, input: string, runs: number): Promise<number[]>;
  close(engine: string): Promise<void>;
}

/** An engine that a library of the page has opened. */
export interface PageEngine {
  /** What the engine has chosen for itself on this machine. */
  readonly detail: string;
  classify(input: PageInput): Promise<Float32Array>;
  time(input: PageInput, runs: number): Promise<number[]>;
  close(): void;
}

export interface PageInput {
  readonly pixels: Uint8Array;
  readonly nhwc: Float32Array;
}
