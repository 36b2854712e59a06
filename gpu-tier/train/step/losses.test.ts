import type { AnswerLayer } from '@hebb/model';
import { GraphBuilder } from '@hebb/tensorflow/graph/graph-builder';
import { identity } from '@hebb/tensorflow/graph/ops';
import { savedModel } from '@hebb/tensorflow/graph/saved-model';
import { loadGraph } from '@hebb/tensorflow/graph/session';
import { describeWithTensorFlow, tensorflow } from '@hebb/test/graph/tensorflow';
import { expect, it } from 'vitest';
import { headLoss } from './losses.ts';

const [N, CLASSES] = [3, 4];
const LOGITS = [2, -1, 0.5, 0, -3, 1, 1, 0, 0, 0, 4, -2];
const LABELS = [1, 0, 0, 0, 0, 0.6, 0.4, 0, 0.25, 0.25, 0.25, 0.25];

/** The loss of the graph and its gradient by the logits. */
async function run(answer: AnswerLayer, weights: readonly number[] | undefined) {
  const tf = tensorflow();
  const g = new GraphBuilder();
  const logits = g.placeholder('logits', 'float32', [N, CLASSES]);
  const labels = g.placeholder('labels', 'float32', [N, CLASSES]);
  const shape = answer === 'softmax' ? [N] : [N, CLASSES];
  const fed = weights ? g.placeholder('weights', 'float32', shape) : undefined;
  const { loss, seed } = headLoss(g, 'main', logits, labels, {
    batchSize: N,
    answer,
    weights: fed,
  });
  identity(g, 'out/loss', loss);
  identity(g, 'out/gradient', seed[1]);
  const session = await loadGraph(tf, savedModel(g.build()));
  const feed = (name: string, shape: number[], data: readonly number[]) => ({
    name,
    shape,
    dtype: tf.TF_FLOAT,
    data: Float32Array.from(data),
  });
  const [value, gradient] = session.run(
    [
      feed('logits', [N, CLASSES], LOGITS),
      feed('labels', [N, CLASSES], LABELS),
      ...(weights ? [feed('weights', shape, weights)] : []),
    ],
    ['out/loss', 'out/gradient'],
  ) as [Float32Array, Float32Array];
  session.dispose();
  return { loss: value[0]!, gradient: [...gradient] };
}

/** Weighted mean cross-entropy of softmax. */
function softmaxLoss(logits: readonly number[], weights: readonly number[]): number {
  return weights.reduce((sum, weight, i) => {
    const row = logits.slice(i * CLASSES, (i + 1) * CLASSES);
    const total = Math.log(row.reduce((all, x) => all + Math.exp(x), 0));
    const loss = row.reduce((all, x, c) => all + LABELS[i * CLASSES + c]! * (total - x), 0);
    return sum + (weight * loss) / N;
  }, 0);
}

/** Mean over the images of the binary cross-entropy of sigmoid, summed over the classes. */
function sigmoidLoss(logits: readonly number[], weights: readonly number[]): number {
  return logits.reduce((sum, x, i) => {
    const p = 1 / (1 + Math.exp(-x));
    const loss = -LABELS[i]! * Math.log(p) - (1 - LABELS[i]!) * Math.log(1 - p);
    return sum + (weights[i]! * loss) / N;
  }, 0);
}

/** The gradient by finite differences. */
const slopes = (loss: (logits: readonly number[]) => number): number[] =>
  LOGITS.map((_, i) => {
    const moved = (by: number) => LOGITS.map((x, j) => (i === j ? x + by : x));
    return (loss(moved(1e-4)) - loss(moved(-1e-4))) / 2e-4;
  });

describeWithTensorFlow('the loss of a head', () => {
  it.each([
    ['without weights', undefined],
    ['with a weight for each image', [0.5, 3, 1]],
  ])('is the cross-entropy %s, and so is its gradient', async (_, weights) => {
    const reference = (logits: readonly number[]) => softmaxLoss(logits, weights ?? [1, 1, 1]);
    const { loss, gradient } = await run('softmax', weights);
    expect(loss).toBeCloseTo(reference(LOGITS), 5);
    for (const [i, slope] of slopes(reference).entries()) expect(gradient[i]).toBeCloseTo(slope, 5);
  });

  it.each([
    ['without weights', undefined],
    ['with a weight for each class', LOGITS.map((_, i) => 0.5 + (i % 3))],
  ])('with sigmoid is the binary cross-entropy %s, and so is its gradient', async (_, weights) => {
    const reference = (logits: readonly number[]) =>
      sigmoidLoss(logits, weights ?? LOGITS.map(() => 1));
    const { loss, gradient } = await run('sigmoid', weights);
    expect(loss).toBeCloseTo(reference(LOGITS), 4);
    for (const [i, slope] of slopes(reference).entries()) expect(gradient[i]).toBeCloseTo(slope, 5);
  });
});
