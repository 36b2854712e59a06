/**
 * The losses of the paper (section 5): cross-entropy of the main classifier, and of each auxiliary
 * one with weight 0.3. With sigmoid it is the binary cross-entropy, summed over the classes.
 * @module
 */
import { type AnswerLayer, AUXILIARY_LOSS_WEIGHT } from '@hebb/model';
import { attr, type GraphBuilder, output, type Value } from '@hebb/tensorflow/graph/graph-builder';
import {
  add,
  cast,
  intConstant,
  mean,
  mul,
  reshape,
  sigmoid,
  softplus,
  sub,
  sum,
} from '@hebb/tensorflow/graph/ops';

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
  readonly answer: AnswerLayer;
  /**
   * float32 [n], the weight of each image; with sigmoid [n, classes], of each class of an image. Undefined:
   * all are 1.
   */
  readonly weights?: Value | undefined;
}

/**
 * Cross-entropy of logits [n, classes] with `labels` [n, classes]: distributions, or with sigmoid
 * probabilities.
 */
export function headLoss(
  g: GraphBuilder,
  head: HeadName,
  logits: Value,
  labels: Value,
  { batchSize, answer, weights }: LossOptions,
): HeadLoss {
  const name = `loss/${head}`;
  if (answer === 'sigmoid') return binaryLoss(g, head, logits, labels, { batchSize, weights });
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

/** −z · log p − (1 − z) · log(1 − p) = softplus(x) − x · z, with p = sigmoid(x); its slope is p − z. */
function binaryLoss(
  g: GraphBuilder,
  head: HeadName,
  logits: Value,
  labels: Value,
  { batchSize, weights }: Omit<LossOptions, 'answer'>,
): HeadLoss {
  const name = `loss/${head}`;
  const weigh = (part: string, x: Value) => (weights ? mul(g, `${name}/${part}`, x, weights) : x);
  const product = mul(g, `${name}/product`, logits, labels);
  const each = sub(g, `${name}/each`, softplus(g, `${name}/softplus`, logits), product);
  const slope = sub(g, `${name}/slope`, sigmoid(g, `${name}/sigmoid`, logits), labels);
  const share = scalar(g, `${name}/share`, WEIGHTS[head] / batchSize);
  const gradient = mul(g, `${name}/gradient`, weigh('weighted/slope', slope), share);
  const images = sum(g, `${name}/images`, weigh('weighted', each), [1]);
  return { head, seed: [logits, gradient], loss: mean(g, name, images, [0]) };
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
