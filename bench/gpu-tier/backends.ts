/**
 * Compares our backend with onnxruntime on the same weights and cores.
 * @module
 */
import { availableParallelism } from 'node:os';
import type { Preprocessing } from '@hebb/model';
import { normalise } from '@hebb/model/preprocess/normalise';
import { onnxFile } from '@hebb/models/export/onnx';
import { readPackage } from '@hebb/packages/folder';
import { createRunner } from '@hebb/tensorflow/backend/create-runner';
import type { Precision } from '@hebb/tensorflow/graph/inference';
import type { Installation } from '@hebb/tensorflow/native/installation';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { timeEach } from '../measure/clock.ts';
import { interleave, ratios } from '../measure/interleave.ts';
import { spread } from '../measure/statistics.ts';
import { withVersion } from '../peers/versions.ts';
import type { BackendResult } from '../results.ts';

/** A batch of n images of s×s pixels, in the layouts that the backends read. */
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

/** Native TensorFlow with the network as a graph, as in the tier's model processes. */
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

/** onnxruntime with the ONNX file that `hebb export` writes, on all cores, as TensorFlow. */
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

/** The first `n` images as one batch; fewer images are repeated. */
export function batchOf(
  images: readonly { readonly pixels: Uint8Array }[],
  n: number,
  preprocessing: Preprocessing,
): BatchInput {
  const pixels = Buffer.concat(
    Array.from({ length: n }, (_, i) => images[i % images.length]!.pixels),
  );
  const nhwc = normalise(pixels, preprocessing);
  const area = preprocessing.crop ** 2;
  const nchw = new Float32Array(nhwc.length);
  for (let image = 0; image < n; image++) {
    const start = image * area * 3;
    for (let i = 0; i < area; i++) {
      for (let c = 0; c < 3; c++) nchw[start + c * area + i] = nhwc[start + i * 3 + c]!;
    }
  }
  return { n, pixels, nchw };
}

const BATCHES = [1, 8, 32] as const;

export const RUNS_PER_ROUND = 3;
const WARM_UP_RUNS = 3;

/** Measures the backends in turn at every batch size, and compares our answers with the peer's. */
export async function compareBackends(
  backends: readonly BenchBackend[],
  batchOf: (n: number) => BatchInput,
  rounds: number,
  log: (line: string) => void,
): Promise<BackendResult[]> {
  const peer = backends.find(({ ours }) => !ours)!;
  const results: BackendResult[] = [];
  for (const n of BATCHES) {
    const batch = batchOf(n);
    const expected = Float32Array.from(await peer.run(batch));
    const subjects = backends.map((backend) => ({
      time: (runs: number) => timeEach(runs, () => backend.run(batch)),
    }));
    const schedule = { rounds, runs: RUNS_PER_ROUND, warmUpRuns: WARM_UP_RUNS };
    const medians = await interleave(subjects, schedule, (done) =>
      log(`batch ${n}, round ${done} of ${rounds}`),
    );
    const peerMedians = medians[backends.indexOf(peer)]!;
    for (const [i, backend] of backends.entries()) {
      const { id, name, precision, ours } = backend;
      const own = medians[i]!;
      const ms = spread(own.map((whole) => whole / n));
      const base = { id, name, precision, ours, batch: n, ms };
      if (!ours) {
        results.push(base);
        continue;
      }
      const maxDifference = largestDifference(await backend.run(batch), expected);
      results.push({ ...base, share: spread(ratios(own, peerMedians)), maxDifference });
    }
  }
  return results;
}

const largestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
