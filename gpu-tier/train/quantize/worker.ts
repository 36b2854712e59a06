/**
 * A thread that decodes images and classifies them with the edge's engine.
 * @module
 */
import { workerData } from 'node:worker_threads';
import { type Int8Engine, loadEngine } from '@hebb/engine';
import { FileDecoder } from '@hebb/images/file';
import { type ErrorBody, HebbError, type NetworkSpec, type Preprocessing } from '@hebb/model';
import { type Windows, windowsOf } from './windows.ts';

export interface WorkerConfig {
  readonly network: NetworkSpec;
  readonly preprocessing: Preprocessing;
  readonly kernels: WebAssembly.Module;
}

/** Images as files or as pixels: uint8 RGB [n, s, s, 3]. With `int8` they are classified. */
export interface WorkerTask {
  readonly images: readonly string[] | Uint8Array;
  /** The bytes of `weights.int8.safetensors`, in shared memory; `id` tells one from another. */
  readonly int8?: { readonly id: number; readonly bytes: Uint8Array<SharedArrayBuffer> };
  /** Number of pixels of each image at which to return the windows of each convolution’s input. */
  readonly windows?: number;
}

export type WorkerReply =
  | {
      /** uint8 RGB [n, s, s, 3], of files. */
      readonly pixels?: Uint8Array;
      /** float32 [n, classes] */
      readonly logits?: Float32Array;
      readonly windows?: Windows;
    }
  | { readonly error: ErrorBody['error'] };

const { network, preprocessing, kernels } = workerData as WorkerConfig;
const imageLength = network.inputSize ** 2 * 3;
const decoder = new FileDecoder();
let loaded: { readonly id: number; readonly engine: Int8Engine } | undefined;

function engineFor({ id, bytes }: NonNullable<WorkerTask['int8']>): Int8Engine {
  if (loaded?.id !== id) {
    loaded = { id, engine: loadEngine(kernels, network, new Uint8Array(bytes)) };
  }
  return loaded.engine;
}

/** float32 [n, classes] */
function logitsOf(engine: Int8Engine, pixels: Uint8Array): Float32Array {
  const n = pixels.length / imageLength;
  const logits = new Float32Array(n * network.classes);
  for (let i = 0; i < n; i++) {
    engine.setPixels(pixels.subarray(i * imageLength, (i + 1) * imageLength));
    for (const { layer, run } of engine.steps) {
      run();
      if (layer.kind === 'linear') logits.set(engine.numbers(layer.name), i * network.classes);
    }
  }
  return logits;
}

async function decoded(paths: readonly string[]): Promise<Uint8Array> {
  const pixels = new Uint8Array(paths.length * imageLength);
  for (const [i, path] of paths.entries()) {
    pixels.set(await decoder.input(path, preprocessing), i * imageLength);
  }
  return pixels;
}

/** Errors are returned as data: structured cloning would lose their class. */
export default async function answer({ images, int8, windows }: WorkerTask): Promise<WorkerReply> {
  try {
    const pixels = images instanceof Uint8Array ? images : await decoded(images);
    if (int8 && windows) return { windows: windowsOf(engineFor(int8), pixels, windows) };
    return {
      ...(pixels !== images && { pixels }),
      ...(int8 && { logits: logitsOf(engineFor(int8), pixels) }),
    };
  } catch (error) {
    if (!(error instanceof HebbError)) throw error;
    return { error: { code: error.code, message: error.message, hint: error.hint } };
  }
}
