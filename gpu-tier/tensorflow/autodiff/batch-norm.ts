import { attr, output, type Value } from '../graph/graph-builder.ts';
import type { Pullback, Tape } from './tape.ts';

export interface BatchNormTraining {
  readonly y: Value;
  /** Statistics of the batch, float32 [channels]; the variance with Bessel's correction. */
  readonly mean: Value;
  readonly variance: Value;
}

/** `gamma` and `beta` are float32 [channels] for every type of x. */
type BatchNorm = (
  t: Tape,
  name: string,
  x: Value,
  gamma: Value,
  beta: Value,
  epsilon: number,
) => BatchNormTraining;

/**
 * Batch norm with the statistics of the batch (Ioffe & Szegedy 2015, algorithm 1).
 */
export const batchNormTraining: BatchNorm = (t, name, x, gamma, beta, epsilon) => {
  const { g } = t;
  const attrs = {
    T: attr.type(x.dtype),
    U: attr.type('float32'),
    epsilon: attr.float(epsilon),
    is_training: attr.bool(true),
  };
  // In training the op computes the statistics and requires empty inputs for them.
  const none = g.constant(`${name}/none`, 'float32', [0], new Float32Array(0));
  const y = g.add('FusedBatchNormV3', name, {
    inputs: [x, gamma, beta, none, none],
    attrs,
    dtype: x.dtype,
  });
  const reserved = [3, 4, 5].map((index) => output(y, index, 'float32'));
  const [mean, variance] = [output(y, 1, 'float32'), output(y, 2, 'float32')];
  return record(t, { y, mean, variance }, [x, gamma, beta], (dy) =>
    g.add('FusedBatchNormGradV3', `grad/${name}/norm`, {
      inputs: [dy, x, gamma, ...reserved],
      attrs,
      dtype: x.dtype,
    }),
  );
};

/** Records the gradients of x, gamma and beta: outputs of one node, which is added on first use. */
function record(
  t: Tape,
  norm: BatchNormTraining,
  inputs: readonly Value[],
  gradients: (dy: Value) => Value,
): BatchNormTraining {
  let made: Value | undefined;
  const grad =
    (index: number): Pullback =>
    (dy) => {
      made ??= gradients(dy);
      return index === 0 ? made : output(made, index, 'float32');
    };
  t.record(
    norm.y,
    inputs.map((input, index) => [input, grad(index)] as const),
  );
  return norm;
}

/**
 * Batch norm followed by ReLU, with our own kernels (gpu-tier/tensorflow/kernels), which must be loaded.
 * @param x its channels must be a multiple of 16
 */
export const batchNormReluTraining: BatchNorm = (t, name, x, gamma, beta, epsilon) => {
  const { g } = t;
  const attrs = { T: attr.type(x.dtype), epsilon: attr.float(epsilon) };
  const y = g.add('HebbNormRelu', name, { inputs: [x, gamma, beta], attrs, dtype: x.dtype });
  const [mean, variance] = [output(y, 1, 'float32'), output(y, 2, 'float32')];
  return record(t, { y, mean, variance }, [x, gamma, beta], (dy) =>
    g.add('HebbNormReluGrad', `grad/${name}/norm`, {
      inputs: [dy, x, gamma, beta, mean, variance],
      attrs,
      dtype: x.dtype,
    }),
  );
};
