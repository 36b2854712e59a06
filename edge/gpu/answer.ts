/**
 * The GPU tier's answer, looked at closely: what came over a network may be anything.
 * @module
 */

/** The answer is not what the protocol, or the model, allows. */
export class BadAnswer extends Error {
  override readonly name = 'BadAnswer';
}

export interface ExpectedAnswer {
  readonly version: string;
  readonly images: number;
  readonly classes: number;
}

/** How far the sum of an image's probabilities may be from 1: float32 and a softmax. */
const TOLERANCE = 1e-3;

export interface Computed {
  /** Float32 [images, classes]. */
  readonly probabilities: Float32Array;
  readonly precision: GpuPrecision;
}

const PRECISIONS = ['float32', 'bfloat16'] as const;

export type GpuPrecision = (typeof PRECISIONS)[number];

/**
 * What was computed, and in which numbers. Throws `BadAnswer`.
 * @param headLength value of `Inference-Header-Content-Length`
 */
export function readAnswer(
  body: Uint8Array<ArrayBuffer>,
  headLength: string | null,
  { version, images, classes }: ExpectedAnswer,
): Computed {
  const head = Number(headLength ?? Number.NaN);
  if (!Number.isInteger(head) || head < 0 || head > body.length) throw bad('no length of its JSON');
  let answer: Answer;
  try {
    answer = JSON.parse(new TextDecoder().decode(body.subarray(0, head))) as Answer;
  } catch {
    throw bad('no JSON');
  }
  if (answer?.model_version !== version) throw bad('another model');
  // A tier of before it said so computes in float32, as far as anyone can know.
  const named = answer.parameters?.precision ?? 'float32';
  const precision = PRECISIONS.find((known) => known === named);
  if (!precision) throw bad(`the precision ${String(named).slice(0, 40)}`);
  const [output] = answer.outputs ?? [];
  const [rows, columns] = output?.shape ?? [];
  if (output?.name !== 'probabilities' || output.datatype !== 'FP32') throw bad('another output');
  if (rows !== images || columns !== classes) throw bad(`the shape [${output.shape}]`);
  if (body.length - head !== 4 * images * classes) throw bad(`${body.length - head} bytes`);
  const values = new Float32Array(body.slice(head).buffer);
  for (let row = 0; row < images; row++) {
    let sum = 0;
    for (const value of values.subarray(row * classes, (row + 1) * classes)) {
      if (!(value >= 0 && value <= 1 + TOLERANCE)) throw bad(`the probability ${value}`);
      sum += value;
    }
    if (Math.abs(sum - 1) > TOLERANCE) throw bad(`probabilities that sum up to ${sum}`);
  }
  return { probabilities: values, precision };
}

interface Answer {
  readonly model_version?: string;
  readonly parameters?: { readonly precision?: unknown };
  readonly outputs?: readonly {
    readonly name?: string;
    readonly datatype?: string;
    readonly shape?: readonly number[];
  }[];
}

const bad = (what: string) => new BadAnswer(`The GPU tier answered with ${what}.`);
