/**
 * The work of a model host: warm-up and batches.
 * @module
 */
import type { LoadedModel } from '@hebb/tensorflow/backend/create-runner';
import type { ModelRunner } from '@hebb/tensorflow/backend/runner';
import type { HostConfig, ResultMessage, RunMessage, Timing } from './messages.ts';

/** The batch sizes to run, ascending, up to `maxBatchSize`; undefined if any size is allowed. */
export function allowedSizes(
  config: Pick<HostConfig, 'batchSizes' | 'maxBatchSize'>,
  preferred: readonly number[] | undefined,
): readonly number[] | undefined {
  const sizes = config.batchSizes ?? preferred;
  if (!sizes) return undefined;
  const { maxBatchSize } = config;
  return [...new Set([...sizes.filter((size) => size < maxBatchSize), maxBatchSize])].sort(
    (a, b) => a - b,
  );
}

/**
 * Runs every batch size once with grey images, since the first run of a shape is slow. Runs one normalised image, which
 * enters the graph at another node, so that TensorFlow plans that too; the kernels are shared. Then measures the
 * smallest and the largest size.
 */
export function warmUp({ runner, inputSize }: LoadedModel, sizes: readonly number[]): Timing[] {
  const length = inputSize * inputSize * 3;
  const run = (size: number) => runner.run(new Uint8Array(size * length).fill(128), size);
  for (const size of sizes) run(size);
  runner.runNormalised(new Float32Array(length), 1);
  return [...new Set([sizes[0]!, sizes.at(-1)!])].map((size) => {
    const began = performance.now();
    run(size);
    return { size, ms: performance.now() - began };
  });
}

/** Runs one batch and returns the reply, without the rows of blank padding images. */
export function runBatch(
  runner: ModelRunner,
  { id, dtype, images, size }: RunMessage,
  body: Uint8Array<ArrayBuffer>,
): { message: ResultMessage; parts: Uint8Array[] } {
  const began = performance.now();
  const bytes = padded(body, images, size);
  const outputs =
    dtype === 'uint8'
      ? runner.run(bytes, size)
      : runner.runNormalised(new Float32Array(bytes.buffer), size);
  const computeMs = performance.now() - began;
  const parts = [outputs.probabilities, outputs.logits, outputs.embedding].map((values) => {
    const real = values.subarray(0, (values.length / size) * images);
    return new Uint8Array(real.buffer, real.byteOffset, real.byteLength);
  });
  const classes = outputs.probabilities.length / size;
  const rss = process.memoryUsage.rss();
  return { message: { type: 'result', id, images, classes, computeMs, rss }, parts };
}

function padded(bytes: Uint8Array<ArrayBuffer>, images: number, size: number) {
  if (size === images) return bytes;
  const filled = new Uint8Array((bytes.length / images) * size);
  filled.set(bytes);
  return filled;
}
