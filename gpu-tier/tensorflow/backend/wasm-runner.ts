import {
  createReference,
  foldBatchNorm,
  HebbError,
  type Network,
  normalise,
  type Preprocessing,
  type Tensors,
  type Tf,
} from '@hebb/model';
import type * as Tfjs from '@tensorflow/tfjs-core';
import type { ModelOutputs, ModelRunner } from './runner.ts';

export interface WasmRunnerOptions {
  /** tfjs with its wasm backend set (`loadTfjsWasm`). */
  readonly tf: Tf;
  readonly network: Network;
  readonly weights: Tensors;
  readonly preprocessing: Preprocessing;
}

/**
 * The plain tfjs reference as a backend: float32 on WASM SIMD, one thread. It runs wherever Node runs, and is the
 * fallback without native TensorFlow.
 */
export function createWasmRunner({
  tf,
  preprocessing,
  ...unfolded
}: WasmRunnerOptions): ModelRunner {
  const { network, weights } = foldBatchNorm(unfolded.network, unfolded.weights);
  const reference = createReference(tf, network, weights);
  const side = network.spec.inputSize;
  const imageLength = side * side * 3;

  const runNormalised = (input: Float32Array, n: number): ModelOutputs => {
    checkLength(input.length, n, imageLength);
    const { probabilities, logits, embedding } = tf.tidy(() =>
      reference.forward(tf.tensor4d(input, [n, side, side, 3], 'float32')),
    );
    return {
      probabilities: take(probabilities),
      logits: take(logits),
      embedding: take(embedding),
    };
  };
  return {
    run(pixels, n) {
      checkLength(pixels.length, n, imageLength);
      return runNormalised(normalise(pixels, preprocessing), n);
    },
    runNormalised,
    dispose: () => reference.dispose(),
  };
}

function checkLength(length: number, n: number, imageLength: number): void {
  if (Number.isInteger(n) && n >= 1 && length === n * imageLength) return;
  const expected = `${n} images of ${imageLength}`;
  throw new HebbError('invalid_argument', `Got ${length} values, expected ${expected}.`);
}

function take(tensor: Tfjs.Tensor): Float32Array {
  const data = tensor.dataSync<'float32'>();
  tensor.dispose();
  return data;
}
