/**
 * Compares an imported network with ONNX Runtime on the original file.
 * @module
 */

import {
  createReference,
  googlenet,
  type Network,
  normalise,
  type Preprocessing,
  type Tensors,
  type Variant,
} from '@hebb/model';
import type { Imported } from '@hebb/models/import/importer';
import { choosePreprocessing } from '@hebb/models/import/preprocessing';
import { loadTfjsWasm } from '@hebb/tensorflow/backend/tfjs-wasm';
import { onnxSession } from './onnxruntime.ts';
import { randomWeights, seededRandom } from './random-weights.ts';

const made = new Map<string, { network: Network; weights: Tensors }>();

/** A network of ten classes with random weights, created once. */
export function randomNetwork(variant: Variant, inputSize = 64) {
  const key = `${variant} ${inputSize}`;
  const network = googlenet({ variant, classes: 10, inputSize });
  if (!made.has(key)) made.set(key, { network, weights: randomWeights(network, 7) });
  return made.get(key)!;
}

/**
 * The largest difference between ONNX Runtime on the file and our reference on the import, for random pixels: of
 * probabilities if the file ends in softmax, else of logits, as a share of the largest logit.
 * @param fileInput the preparation of the file's input, if it differs from its variant's
 */
export async function importDifference(
  file: Uint8Array | string,
  imported: Imported,
  softmax = false,
  fileInput?: Preprocessing,
): Promise<number> {
  const { network: spec, preprocessing } = imported.manifest;
  const size = spec.inputSize;
  const random = seededRandom(3);
  const pixels = Uint8Array.from({ length: size * size * 3 }, () => Math.floor(random() * 256));

  const session = await onnxSession(file);
  // The file's input is prepared as its variant requires. Our preprocessing includes what the file does itself.
  const theirs = await session.run(
    normalise(pixels, fileInput ?? choosePreprocessing(spec, {})),
    size,
  );
  await session.release();

  const tf = await loadTfjsWasm();
  const reference = createReference(tf, googlenet(spec), imported.weights);
  const input = tf.tensor4d(normalise(pixels, preprocessing), [1, size, size, 3]);
  const { probabilities, logits } = reference.forward(input);
  const ours = (softmax ? probabilities : logits).dataSync<'float32'>();
  reference.dispose();

  const scale = softmax ? 1 : Math.max(...theirs.map(Math.abs));
  return Math.max(...ours.map((value, i) => Math.abs(value - theirs[i]!))) / scale;
}
