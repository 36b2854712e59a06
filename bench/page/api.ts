/**
 * The interface between the page and the process that drives it.
 * @module
 */
import type { NetworkSpec } from '@hebb/model';

/** The library that opens a model, with the URLs of its files. */
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

/** `globalThis.bench` on the page. The caller chooses the names of engines and inputs. */
export interface PageApi {
  /** Resolves to the engine's `detail`. */
  open(engine: string, model: PageModel): Promise<string>;
  /** Fetches an input from the URLs of its uint8 pixels and its float32 NHWC tensor. */
  input(name: string, pixels: string, nhwc: string): Promise<void>;
  classify(engine: string, input: string): Promise<number[]>;
  time(engine: string, input: string, runs: number): Promise<number[]>;
  close(engine: string): Promise<void>;
}

/** An open engine on the page. */
export interface PageEngine {
  /** The kernels or the build that the engine chose on this machine. */
  readonly detail: string;
  classify(input: PageInput): Promise<Float32Array>;
  time(input: PageInput, runs: number): Promise<number[]>;
  close(): void;
}

export interface PageInput {
  readonly pixels: Uint8Array;
  readonly nhwc: Float32Array;
}
