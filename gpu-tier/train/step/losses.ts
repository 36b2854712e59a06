/**
 * The losses of the paper (section 5): cross-entropy of the main classifier, and of each auxiliary
 * one with weight 0.3.
 * @module
 */
import { AUXILIARY_LOSS_WEIGHT } from '@hebb/model';
import { attr, type GraphBuilder, output, type Value } from '@hebb/tensorflow/graph/graph-builder';
import { add, cast, intConstant, mean, mul, reshape } from '@hebb/tensorflow/graph/ops';

export interface HeadLoss {
  /** `main`, `aux1` or `aux2`. */
  readonly head: HeadName;
  /** The classifier's logits, and their gradient, where the backward pass starts. */
  readonly seed: readonly [Value, Value];
  /** Mean over the batch, nats. */
  readonly loss: Value;
}

export type HeadName = 'main' | 'aux1' | 'aux2';

export const HEAD_LOGITS: Readonly<Record<HeadName, string>> = {
  main: 'linear',
  aux1: 'aux1/linear',
  aux2: 'aux2/linear',
};

const WEIGHTS: Readonly<Record<HeadName, number>> = {
  main: 1,
  aux1: AUXILIARY_LOSS_WEIGHT,
  aux2: AUXILIARY_LOSS_WEIGHT,
};

const scalar = (g: GraphBuilder, name: string, value: number): Value =>
  g.constant(name, 'float32', [], Float32Array.of(value));

interface LossOptions {
  readonly batchSize: number;
  /** float32 [n]: weight of each image; undefined: all are 1. */
  readonly weights?: Value | undefined;
}

/** Cross-entropy of logits [n, classes] with target distributions `labels` [n, classes]. */
export function headLoss(
  g: GraphBuilder,
  head: HeadName,
  logits: Value,
  labels: Value,
  { batchSize, weights }: LossOptions,
): HeadLoss {
  const name = `loss/${head}`;
  const losses = g.add('SoftmaxCrossEntropyWithLogits', `${name}/each`, {
    inputs: [logits, labels],
    attrs: { T: attr.type('float32') },
    dtype: 'float32',
  });
  const share = scalar(g, `${name}/share`, WEIGHTS[head] / batchSize);
  const plain = mul(g, `${name}/gradient`, output(losses, 1), share);
  if (!weights) return { head, seed: [logits, plain], loss: mean(g, name, losses, [0]) };
  const column = reshape(g, `${name}/column`, weights, [batchSize, 1]);
  const gradient = mul(g, `${name}/weighted/gradient`, plain, column);
  const each = mul(g, `${name}/weighted`, losses, weights);
  return { head, seed: [logits, gradient], loss: mean(g, name, each, [0]) };
}

/** main + 0.3 · aux1 + 0.3 · aux2. */
export function totalLoss(g: GraphBuilder, losses: readonly HeadLoss[]): Value {
  return losses
    .map(({ head, loss }) =>
      mul(g, `loss/${head}/part`, loss, scalar(g, `loss/${head}/weight`, WEIGHTS[head])),
    )
    .reduce((sum, part, i) => add(g, `loss/sum${i}`, sum, part));
}

/** Share of the batch, 0 to 1, whose largest logit is that of the largest label. */
export function topOne(g: GraphBuilder, logits: Value, labels: Value): Value {
  const argMax = (name: string, x: Value) =>
    g.add('ArgMax', name, {
      inputs: [x, intConstant(g, `${name}/axis`, [], [1])],
      attrs: {
        T: attr.type('float32'),
        Tidx: attr.type('int32'),
        output_type: attr.type('int64'),
      },
      dtype: 'int64',
    });
  const right = g.add('Equal', 'top1/right', {
    inputs: [argMax('top1/answer', logits), argMax('top1/label', labels)],
    attrs: { T: attr.type('int64') },
    dtype: 'bool',
  });
  return mean(g, 'top1', cast(g, 'top1/ones', right, 'float32'), [0]);
}
