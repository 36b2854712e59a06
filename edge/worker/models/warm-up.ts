import { HebbError } from '@hebb/model/errors';
import type { NetworkSpec } from '@hebb/model/network/googlenet';
import { classificationSchema } from '@hebb/protocol/api/classification';
import * as z from 'zod/mini';
import { type Classifier, classificationOf } from '../classification.ts';
import type { KeepAlive } from '../concurrency/single-flight.ts';
import { type LoadedModel, PRECISION } from './loaded-model.ts';

/** A JPEG of 48×48 pixels, 420 bytes: it is decoded by the same code as a photo. */
const JPEG = `
/9j/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+
gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8
fHz/wAARCAAwADADASIAAhEBAxEB/8QAGQABAQADAQAAAAAAAAAAAAAAAwIBBAUG/8QAGhAAAwEBAQEAAAAAAAAAAAAA
AAECAxESIf/EABoBAAICAwAAAAAAAAAAAAAAAAQFAAYBAgP/xAAdEQADAQEAAgMAAAAAAAAAAAAAAQIDERMhEjFR/9oA
DAMBAAIRAxEAPwDykwNECTmLOZt3jJnZEQPEFzAsQd1aQbnZiIGmC5j4IpCfKpDc7OdOYizHnMRZANekVbPQ11AsQKsy
5zF9aOWMc7MTHS1DQkRwec+mXr5F9+w7O+GpOYqzGUF+BndfFFRzsBZ9KWXBZnjGmOoT3S07+jLO+ATmNMcEWfC1ADVu
GMc7P//Z`;

const warmUpImage = (): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(JPEG.replaceAll('\n', '')), (char) => char.charCodeAt(0));

/** Largest deviation of the sum of probabilities from 1 that float32 rounding explains. */
const SUM_TOLERANCE = 1e-3;

/**
 * Classifies a JPEG as a request would: decoding, resizing, the engine, labels, JSON. Throws
 * `model_unavailable` if the result is not a valid answer.
 */
export async function warmUp(
  classifier: Classifier,
  model: LoadedModel,
  keepAlive: KeepAlive,
): Promise<void> {
  const pixels = await classifier.pixels(warmUpImage(), model.manifest);
  const engine = model.engineNames[0] ?? 'int8';
  const probabilities = await model.classify(engine, pixels.data, keepAlive);
  const { manifest } = model;
  checkProbabilities(probabilities, manifest.network.output);
  checkAnswer(manifest, probabilities, PRECISION[engine]);
}

/** Checks that all are between 0 and 1 and that they sum to 1; after sigmoid they may have any sum. */
export function checkProbabilities(
  probabilities: Float32Array,
  output?: NetworkSpec['output'],
): void {
  const wrong = probabilities.findIndex((p) => !(p >= 0 && p <= 1));
  const sum = probabilities.reduce((total, p) => total + p, 0);
  const sums = output === undefined;
  if (wrong >= 0 || (sums && Math.abs(sum - 1) > SUM_TOLERANCE)) {
    const what =
      wrong >= 0 ? `scored ${probabilities[wrong]} for class ${wrong}` : `summed to ${sum}`;
    throw new HebbError('model_unavailable', `The warm-up image ${what}.`);
  }
}

/** Checks the answer with all classes against the API's schema. */
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
  throw new HebbError(
    'model_unavailable',
    `The answer for the warm-up image is invalid: ${problem}.`,
  );
}
