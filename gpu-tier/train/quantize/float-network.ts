/**
 * The float32 network that calibration watches: native TensorFlow where it is installed, else tfjs.
 * @module
 */
import {
  createReference,
  foldBatchNorm,
  type Layer,
  type Network,
  normalise,
  type Preprocessing,
  type Tensors,
} from '@hebb/model';
import type { RunnerBackend } from '@hebb/tensorflow/backend/create-runner';

export interface FloatModel {
  readonly network: Network;
  readonly weights: Tensors;
  readonly preprocessing: Preprocessing;
}

/** The float32 network with all of its activations. */
export interface FloatNetwork {
  /** Images per run that are fastest; smaller batches are allowed. */
  readonly batch: number;
  /**
   * Runs a batch.
   * @param images uint8 RGB [s, s, 3] each
   * @param layers names of the layers to return
   * @returns float32 [n, h, w, c] of each layer (after ReLU; `linear` gives logits), in the order of `layers`
   */
  run(images: readonly Uint8Array[], layers: readonly string[]): Float32Array[];
  /**
   * aᵀ · b, float32 [n, p].
   * @param a float32 [m, n]
   * @param b float32 [m, p]
   */
  product(a: Float32Array, b: Float32Array, m: number): Float32Array;
  dispose(): void;
}

/**
 * Loads a network. Native TensorFlow and tfjs give the same activations up to the rounding of float32.
 * @example
 * const [logits] = (await loadFloatNetwork(model, backend)).run(images, ['linear']);
 */
export async function loadFloatNetwork(
  model: FloatModel,
  { addon, kernels }: Pick<RunnerBackend, 'addon' | 'kernels'>,
): Promise<FloatNetwork> {
  return addon === undefined ? tfjsNetwork(model) : nativeNetwork(model, addon, kernels);
}

/** All activations of a batch are in memory at once: 13 MB an image. */
const NATIVE_BATCH = 8;

async function nativeNetwork(
  model: FloatModel,
  addon: string,
  kernels: string | undefined,
): Promise<FloatNetwork> {
  const { loadBinding } = await import('@hebb/tensorflow/native/binding');
  const { loadKernels } = await import('@hebb/tensorflow/native/kernels');
  const { GRAPH_INPUT, inferenceGraph } = await import('@hebb/tensorflow/graph/inference');
  const { savedModel } = await import('@hebb/tensorflow/graph/saved-model');
  const { loadGraph } = await import('@hebb/tensorflow/graph/session');
  const binding = loadBinding(addon);
  if (kernels !== undefined) loadKernels(kernels);
  const folded = { ...model, ...foldBatchNorm(model.network, model.weights) };
  const side = model.network.spec.inputSize;
  const graph = inferenceGraph(folded, { kernels: kernels !== undefined });
  const session = await loadGraph(binding, savedModel(graph));
  const data = new Uint8Array(NATIVE_BATCH * side * side * 3);
  return {
    batch: NATIVE_BATCH,
    run(images, layers) {
      // Always the same shape, so that TensorFlow plans once; surplus rows are cut off.
      for (const [i, image] of images.entries()) data.set(image, i * image.length);
      const shape = [NATIVE_BATCH, side, side, 3];
      const feed = { name: GRAPH_INPUT, dtype: binding.TF_UINT8, shape, data };
      const outputs = session.run([feed], layers) as Float32Array[];
      return outputs.map((o) => o.subarray(0, (o.length / NATIVE_BATCH) * images.length));
    },
    product(a, b, m) {
      const ids = [a, b].map((x) => binding.createTensor([m, x.length / m], binding.TF_FLOAT, x));
      const attributes = [
        { name: 'transpose_a', type: binding.TF_ATTR_BOOL, value: true },
        { name: 'transpose_b', type: binding.TF_ATTR_BOOL, value: false },
        { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
      ];
      const [result] = binding.executeOp('MatMul', attributes, ids, 1);
      const data = binding.tensorDataSync(result!.id) as Float32Array;
      for (const id of [...ids, result!.id]) binding.deleteTensor(id);
      return data;
    },
    dispose: session.dispose,
  };
}

async function tfjsNetwork({ network, weights, preprocessing }: FloatModel): Promise<FloatNetwork> {
  const { loadTfjsWasm } = await import('@hebb/tensorflow/backend/tfjs-wasm');
  const folded = foldBatchNorm(network, weights);
  const tf = await loadTfjsWasm();
  const reference = createReference(tf, folded.network, folded.weights);
  return {
    batch: 1,
    run(images, layers) {
      const wanted = new Set(layers);
      const parts = new Map<string, Float32Array[]>(layers.map((name) => [name, []]));
      for (const image of images) {
        reference.classify(normalise(image, preprocessing), {
          onLayer({ name }: Layer, output) {
            if (wanted.has(name)) parts.get(name)!.push(output.dataSync<'float32'>().slice());
          },
        });
      }
      return layers.map((name) => joined(parts.get(name)!));
    },
    product(a, b, m) {
      return tf.tidy(() => {
        const [x, y] = [a, b].map((v) => tf.tensor2d(v, [m, v.length / m]));
        return tf.matMul(x!, y!, true, false).dataSync<'float32'>().slice();
      });
    },
    dispose: () => reference.dispose(),
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
