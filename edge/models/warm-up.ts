import * as z from 'zod/mini';
import { classificationSchema } from '../../shared/model/api/classification.ts';
import { HebbError } from '../../shared/model/errors.ts';
import { type Classifier, classificationOf } from '../classification.ts';
import type { KeepAlive } from '../concurrency/single-flight.ts';
import { type LoadedModel, PRECISION } from './loaded-model.ts';
import { warmUpImage } from './warm-up-image.ts';

/** The most that float32 rounding may move the sum of all probabilities from 1. */
const SUM_TOLERANCE = 1e-3;

/**
 * Takes a JPEG through the model as a request would: decoding, resizing, the engine, labels, JSON. Throws
 * `model_unavailable` when what comes out is no answer that one could give.
 */
export async function warmUp(
  classifier: Classifier,
  model: LoadedModel,
  keepAlive: KeepAlive,
): Promise<void> {
  const pixels = await classifier.pixels(warmUpImage(), model.manifest);
  const engine = model.engineNames[0] ?? 'int8';
  const probabilities = await model.classify(engine, pixels.data, keepAlive);
  checkProbabilities(probabilities);
  const { manifest } = model;
  checkAnswer(manifest, probabilities, PRECISION[engine]);
}

/** That all are numbers from 0 to 1, and sum to 1. */
export function checkProbabilities(probabilities: Float32Array): void {
  const wrong = probabilities.findIndex((p) => !(p >= 0 && p <= 1));
  const sum = probabilities.reduce((total, p) => total + p, 0);
  if (wrong >= 0 || Math.abs(sum - 1) > SUM_TOLERANCE) {
    const what =
      wrong >= 0 ? `scored ${probabilities[wrong]} for class ${wrong}` : `summed to ${sum}`;
    throw new HebbError('model_unavailable', `The warm-up image ${what}.`);
  }
}

/** The answer with all classes in it, as a client reads it. */
export function checkAnswer(
  manifest: LoadedModel['manifest'],
  probabilities: Float32Array,
  precision: string,
): void {
  const { length: top } = manifest.labels;
  const times = { decodeMs: 0, inferMs: 0 };
  let problem: string;
  try {
    const options = { tier: 'edge', why: 'warm-up', top, precision, ...times } as const;
    const json = JSON.stringify(classificationOf(manifest, probabilities, options));
    const { error } = z.safeParse(classificationSchema, JSON.parse(json));
    if (!error) return;
    const [{ path, message }] = error.issues as [z.core.$ZodIssue];
    problem = `${path.join('.')}: ${message}`;
  } catch (cause) {
    problem = String(cause);
  }
  throw new HebbError('model_unavailable', `The warm-up image has no proper answer: ${problem}.`);
}
