/**
 * Loads a model package into a runner of the chosen backend.
 * @module
 */
import { googlenet } from '@hebb/model';
import { readPackage } from '@hebb/packages/folder';
import type { Precision } from '../graph/inference.ts';
import type { Backend, NativeState } from './choose.ts';
import type { ModelRunner } from './runner.ts';

/** A backend as JSON for another process: what to load, and why it was chosen. */
export interface RunnerBackend {
  readonly kind: Backend['kind'];
  readonly reason: string;
  /** On WASM: why the native library is not used. */
  readonly native?: NativeState;
  /** Path of the native addon; native backends only. */
  readonly addon?: string;
  /** Path of our own kernels, for the CPU; see `loadKernels`. */
  readonly kernels?: string;
}

/** The chosen backend for the process that runs it. On a GPU without our own kernels, which are for the CPU. */
export function runnerBackend(backend: Backend): RunnerBackend {
  const { kind, reason } = backend;
  if (backend.kind === 'wasm') {
    return { kind, reason, ...(backend.native && { native: backend.native }) };
  }
  const { addon, kernels } = backend.installation;
  return { kind, reason, addon, ...(kernels && kind === 'native-cpu' && { kernels }) };
}

export interface RunnerRequest {
  /** Folder of the model package. */
  readonly dir: string;
  readonly backend: RunnerBackend;
  /** The wasm backend ignores this and computes in f32. */
  readonly precision: Precision;
}

export interface LoadedModel {
  readonly runner: ModelRunner;
  /** Side of the square input, pixels. */
  readonly inputSize: number;
  /**
   * Batch sizes to use; undefined if all are equally fast. TensorFlow plans a graph and its kernels for each shape,
   * and caches a limited number of plans.
   */
  readonly batchSizes: readonly number[] | undefined;
}

/** With these sizes at most a third of a batch is padding. */
const NATIVE_BATCH_SIZES = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128];

/** Reads and checks the package and loads its float32 weights into the backend. */
export async function createRunner({
  dir,
  backend,
  precision,
}: RunnerRequest): Promise<LoadedModel> {
  const { manifest, tensors } = await readPackage(dir);
  const model = {
    network: googlenet(manifest.network),
    weights: await tensors('f32'),
    preprocessing: manifest.preprocessing,
  };
  const { inputSize } = manifest.network;
  const { addon, kernels } = backend;
  if (addon !== undefined) {
    const { loadBinding } = await import('../native/binding.ts');
    const { loadKernels } = await import('../native/kernels.ts');
    const { createGraphRunner } = await import('../graph/runner.ts');
    const binding = loadBinding(addon);
    if (kernels !== undefined) loadKernels(kernels);
    const options = { binding, precision, kernels: kernels !== undefined };
    const runner = await createGraphRunner({ ...options, ...model });
    return { runner, inputSize, batchSizes: NATIVE_BATCH_SIZES };
  }
  const { loadTfjsWasm } = await import('./tfjs-wasm.ts');
  const { createWasmRunner } = await import('./wasm-runner.ts');
  const runner = createWasmRunner({ tf: await loadTfjsWasm(), ...model });
  return { runner, inputSize, batchSizes: undefined };
}
