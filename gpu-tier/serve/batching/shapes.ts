import type { ModelOutputs } from '@hebb/tensorflow/backend/runner';
import type { Answer } from './queue.ts';

/** The smallest allowed batch size for `images`; `images` itself if any size is allowed. */
export function sizeFor(images: number, sizes: readonly number[] | undefined): number {
  return sizes?.find((size) => size >= images) ?? images;
}

/** The outputs of `count` images, starting at image `first`, as views of the outputs of all `images`. */
export function slice(
  outputs: ModelOutputs,
  images: number,
  first: number,
  count: number,
): ModelOutputs {
  const rows = (values: Float32Array) => {
    const width = values.length / images;
    return values.subarray(first * width, (first + count) * width);
  };
  return {
    probabilities: rows(outputs.probabilities),
    logits: rows(outputs.logits),
    embedding: rows(outputs.embedding),
  };
}

/** Joins the answers to the parts of one request; the times are those of the slowest part. */
export function join(answers: readonly Answer[]): Answer {
  if (answers.length === 1) return answers[0]!;
  const concat = (output: keyof ModelOutputs) => {
    const arrays = answers.map(({ outputs }) => outputs[output]);
    const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const array of arrays) {
      all.set(array, at);
      at += array.length;
    }
    return all;
  };
  return {
    outputs: {
      probabilities: concat('probabilities'),
      logits: concat('logits'),
      embedding: concat('embedding'),
    },
    queueMs: Math.max(...answers.map(({ queueMs }) => queueMs)),
    computeMs: Math.max(...answers.map(({ computeMs }) => computeMs)),
  };
}
