import { HebbError } from '../../shared/model/errors.ts';
import type { Classifier } from '../classification.ts';
import type { KeepAlive } from '../concurrency/single-flight.ts';
import type { LoadedModel } from './loaded-model.ts';
import { warmUpImage } from './warm-up-image.ts';

/** The most that float32 rounding may move the sum of all probabilities from 1. */
const SUM_TOLERANCE = 1e-3;

/**
 * Takes a JPEG through the model as a request would: decoding, resizing, the engine. Throws
 * `model_unavailable` when what comes out are no probabilities.
 */
export async function warmUp(
  classifier: Classifier,
  model: LoadedModel,
  keepAlive: KeepAlive,
): Promise<void> {
  const pixels = await classifier.pixels(warmUpImage(), model.manifest);
  const engine = model.engineNames[0] ?? 'int8';
  const probabilities = await model.classify(engine, pixels.data, keepAlive);
  const wrong = probabilities.findIndex((p) => !(p >= 0 && p <= 1));
  const sum = probabilities.reduce((total, p) => total + p, 0);
  if (wrong >= 0 || Math.abs(sum - 1) > SUM_TOLERANCE) {
    const what =
      wrong >= 0 ? `scored ${probabilities[wrong]} for class ${wrong}` : `summed to ${sum}`;
    throw new HebbError('model_unavailable', `The warm-up image ${what}.`);
  }
}
