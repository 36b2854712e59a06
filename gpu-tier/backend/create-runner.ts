/**
 * From a model package to a runner on the backend that was chosen.
 * @module
 */
import { googlenet } from '../../shared/model/index.ts';
import type { Precision } from '../graph/inference.ts';
import { readPackage } from '../packages/folder.ts';
import type { Backend } from './choose.ts';
import type { ModelRunner } from './runner.ts';

/** A backend as one process tells another: what to load, and for people why this one. */
export interface RunnerBackend {
  readonly kind: Backend['kind'];
  readonly reason: string;
  /** Path of the native addon; native backends only. */
  readonly addon?: string;
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
  if (backend.addon !== undefined) {
    const { loadBinding } = await import('../native/binding.ts');
    const { createGraphRunner } = await import('../graph/runner.ts');
    const binding = loadBinding(backend.addon);
    const runner = await createGraphRunner({ binding, precision, ...model });
    return { runner, inputSize, batchSizes: NATIVE_BATCH_SIZES };
  }
  const { loadTfjsWasm } = await import('./tfjs-wasm.ts');
  const { createWasmRunner } = await import('./wasm-runner.ts');
  const runner = createWasmRunner({ tf: await loadTfjsWasm(), ...model });
  return { runner, inputSize, batchSizes: undefined };
}
