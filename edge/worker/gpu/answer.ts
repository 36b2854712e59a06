/**
 * Parses and validates the GPU tier's answer.
 * @module
 */
import type { HebbError } from '@hebb/model/errors';
import type { NetworkSpec } from '@hebb/model/network/googlenet';
import { imageError } from './failure.ts';

/** The answer violates the protocol or does not fit the model. */
export class BadAnswer extends Error {
  override readonly name = 'BadAnswer';
}

export interface ExpectedAnswer {
  readonly version: string;
  readonly images: number;
  readonly classes: number;
  /** The network's; after sigmoid probabilities may have any sum. */
  readonly output?: NetworkSpec['output'] | undefined;
}

/** Largest deviation of the sum of probabilities from 1, for a softmax in float32. */
const TOLERANCE = 1e-3;

export interface Computed {
  /** Float32 [images without an error, classes]. */
  readonly probabilities: Float32Array;
  /** Errors of images, by index in the chunk. */
  readonly errors: ReadonlyMap<number, HebbError>;
  readonly precision: GpuPrecision;
}

const PRECISIONS = ['float32', 'bfloat16'] as const;

export type GpuPrecision = (typeof PRECISIONS)[number];

/**
 * Throws `BadAnswer`.
 * @param headLength value of `Inference-Header-Content-Length`
 */
export function readAnswer(
  body: Uint8Array<ArrayBuffer>,
  headLength: string | null,
  { version, images, classes, output }: ExpectedAnswer,
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
  // Older tiers do not say, and compute in float32.
  const named = answer.parameters?.precision ?? 'float32';
  const precision = PRECISIONS.find((known) => known === named);
  if (!precision) throw bad(`the precision ${String(named).slice(0, 40)}`);
  const [tensor] = answer.outputs ?? [];
  const [rows, columns] = tensor?.shape ?? [];
  if (tensor?.name !== 'probabilities' || tensor.datatype !== 'FP32') throw bad('another output');
  const errors = readErrors(answer.parameters?.errors, images);
  const good = images - errors.size;
  if (rows !== good || columns !== classes) throw bad(`the shape [${tensor.shape}]`);
  if (body.length - head !== 4 * good * classes) throw bad(`${body.length - head} bytes`);
  const values = new Float32Array(body.slice(head).buffer);
  for (let row = 0; row < good; row++) {
    let sum = 0;
    for (const value of values.subarray(row * classes, (row + 1) * classes)) {
      if (!(value >= 0 && value <= 1 + TOLERANCE)) throw bad(`the probability ${value}`);
      sum += value;
    }
    if (output === undefined && Math.abs(sum - 1) > TOLERANCE)
      throw bad(`probabilities that sum up to ${sum}`);
  }
  return { probabilities: values, precision, errors };
}

/** The response parameter `errors`, which older tiers do not have. */
function readErrors(list: unknown, images: number): Map<number, HebbError> {
  const errors = new Map<number, HebbError>();
  if (list === undefined) return errors;
  if (!Array.isArray(list)) throw bad('errors that are no list');
  for (const item of list as unknown[]) {
    const { index, code, message, hint } = (item ?? {}) as Record<string, unknown>;
    const error = imageError(code, message, hint);
    const place = Number.isInteger(index) ? (index as number) : -1;
    if (!error || place < 0 || place >= images || errors.has(place)) {
      throw bad('errors that are of no image');
    }
    errors.set(place, error);
  }
  return errors;
}

interface Answer {
  readonly model_version?: string;
  readonly parameters?: { readonly precision?: unknown; readonly errors?: unknown };
  readonly outputs?: readonly {
    readonly name?: string;
    readonly datatype?: string;
    readonly shape?: readonly number[];
  }[];
}

const bad = (what: string) => new BadAnswer(`The GPU tier answered with ${what}.`);
