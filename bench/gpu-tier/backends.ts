/**
 * The backends that are compared: ours, and onnxruntime on the same weights and cores.
 * @module
 */
import { availableParallelism } from 'node:os';
import { onnxFile } from '@hebb/models/export/onnx';
import { readPackage } from '@hebb/packages/folder';
import { createRunner } from '@hebb/tensorflow/backend/create-runner';
import type { Precision } from '@hebb/tensorflow/graph/inference';
import type { Installation } from '@hebb/tensorflow/native/installation';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { withVersion } from '../peers/versions.ts';

/** Images in every form that a backend reads. */
export interface BatchInput {
  readonly n: number;
  /** uint8 RGB [n, s, s, 3]. */
  readonly pixels: Uint8Array;
  /** float32 [n, 3, s, s], normalised. */
  readonly nchw: Float32Array;
}

export interface BenchBackend {
  readonly id: string;
  readonly name: string;
  readonly precision: Precision;
  readonly ours: boolean;
  /** Probabilities, float32 [n · classes]. */
  run(input: BatchInput): Promise<Float32Array> | Float32Array;
  close(): Promise<void>;
}

/** Native TensorFlow with the network as a graph: what the tier's model hosts run. */
export async function hebbBackend(
  dir: string,
  installation: Installation,
  precision: Precision,
): Promise<BenchBackend> {
  const { addon, kernels, tensorflow } = installation;
  const own = kernels && { kernels };
  const backend = { kind: 'native-cpu', reason: 'bench', addon, ...own } as const;
  const { runner } = await createRunner({ dir, backend, precision });
  return {
    id: `hebb-${precision}`,
    name: `Hebb, graph in TensorFlow ${tensorflow}`,
    precision,
    ours: true,
    run: ({ pixels, n }) => runner.run(pixels, n).probabilities,
    close: async () => runner.dispose(),
  };
}

/** onnxruntime on the ONNX file that `hebb export` writes, on all cores as TensorFlow has them. */
export async function onnxRuntimeBackend(dir: string): Promise<BenchBackend> {
  const { manifest, tensors } = await readPackage(dir);
  const file = onnxFile(manifest, await tensors('f32'), { name: 'hebb', version: 'bench' });
  const session = await InferenceSession.create(file, {
    executionProviders: ['cpu'],
    intraOpNumThreads: availableParallelism(),
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
  });
  const side = manifest.network.inputSize;
  return {
    id: 'ort-f32',
    name: withVersion('onnxruntime-node'),
    precision: 'f32',
    ours: false,
    async run({ nchw, n }) {
      const image = new Tensor('float32', nchw, [n, 3, side, side]);
      const { probabilities } = await session.run({ image }, ['probabilities']);
      return probabilities!.data as Float32Array;
    },
    close: () => session.release(),
  };
}
