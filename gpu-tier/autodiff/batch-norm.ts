import { attr, output, type Value } from '../graph/graph-builder.ts';
import type { Pullback, Tape } from './tape.ts';

export interface BatchNormTraining {
  readonly y: Value;
  /** Of this batch, float32 [channels]; the variance with Bessel's correction. */
  readonly mean: Value;
  readonly variance: Value;
}

/**
 * Batch norm with the statistics of the batch (Ioffe & Szegedy 2015, algorithm 1). `gamma` and `beta`
 * are float32 [channels] whatever x is.
 */
export function batchNormTraining(
  t: Tape,
  name: string,
  x: Value,
  gamma: Value,
  beta: Value,
  epsilon: number,
): BatchNormTraining {
  const { g } = t;
  const attrs = {
    T: attr.type(x.dtype),
    U: attr.type('float32'),
    epsilon: attr.float(epsilon),
    is_training: attr.bool(true),
  };
  // In training the op makes the statistics itself and wants empty ones.
  const none = g.constant(`${name}/none`, 'float32', [0], new Float32Array(0));
  const y = g.add('FusedBatchNormV3', name, {
    inputs: [x, gamma, beta, none, none],
    attrs,
    dtype: x.dtype,
  });
  const reserved = [3, 4, 5].map((index) => output(y, index, 'float32'));
  let grads: Value | undefined;
  const grad =
    (index: number): Pullback =>
    (dy) => {
      grads ??= g.add('FusedBatchNormGradV3', `grad/${name}/norm`, {
        inputs: [dy, x, gamma, ...reserved],
        attrs,
        dtype: x.dtype,
      });
      return index === 0 ? grads : output(grads, index, 'float32');
    };
  t.record(y, [
    [x, grad(0)],
    [gamma, grad(1)],
    [beta, grad(2)],
  ]);
  return { y, mean: output(y, 1, 'float32'), variance: output(y, 2, 'float32') };
}
