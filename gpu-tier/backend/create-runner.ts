/**
 * From a model package to a runner on the backend that was chosen.
 * @module
 */
import { googlenet } from '../../shared/model/index.ts';
import type { Precision } from '../graph/inference.ts';
import { readPackage } from '../packages/folder.ts';
import type { Backend, NativeState } from './choose.ts';
import type { ModelRunner } from './runner.ts';

/** A backend as one process tells another: what to load, and for people why this one. */
export interface RunnerBackend {
  readonly kind: Backend['kind'];
  readonly reason: string;
  /** What is the matter with the native library, on WASM. */
  readonly native?: NativeState;
  /** Path of the native addon; native backends only. */
  readonly addon?: string;
  /** Of our own kernels, for the CPU; see `loadKernels`. */
  readonly kernels?: string;
}

/** The chosen backend for whoever runs it. On a GPU our own kernels, which are for the CPU, are left out. */
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
  /** The wasm backend computes in f32 whatever is asked for. */
  readonly precision: Precision;
}

export interface LoadedModel {
  readonly runner: ModelRunner;
  /** Side of the square input, pixels. */
  readonly inputSize: number;
  /**
   * Batch sizes that this backend is quick at; undefined when it treats all alike. TensorFlow plans
   * a graph and its kernels anew for every shape, and keeps a limited number of plans.
   */
  readonly batchSizes: readonly number[] | undefined;
}

/** At most a third of a batch is padding. */
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
