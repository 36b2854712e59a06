/**
 * Weights as the tfjs wasm backend really needs them: once.
 *
 * XNNPACK, which computes convolutions and products there, packs each kernel and bias into a
 * layout of its own at an operator's first run, caches the operator under the tensors' ids, and
 * reads neither the tensor nor the transposed copy that tfjs makes on the way again. Yet all three
 * stay (src/cc/conv2d_impl.cc: `CachedInfo`): 28 MB of weights fill 84 MB of a heap that never
 * shrinks, in an isolate of 128. So each layer is run once, on one patch of zeros, as soon as its
 * weights are there, and the other two copies are given back.
 * @module
 */
import type * as Tfjs from '@tensorflow/tfjs-core';
import { HebbError } from '../../../shared/model/errors.ts';
import type { Network } from '../../../shared/model/network/googlenet.ts';
import type { Layer } from '../../../shared/model/network/layer.ts';
import { layerParameters } from '../../../shared/model/network/parameters.ts';
import { type Tensor, tensorOf } from '../../../shared/model/package/safetensors.ts';
import { compute } from '../../../shared/model/reference/compute.ts';
import type { TfjsRuntime } from './boot.ts';
import { copyOf, freeCopy, freeTensor, reserveHeap } from './heap.ts';
import { WORKING_BYTES } from './memory.ts';

/**
 * Uploads and packs the network's weights in the order they come, holding one layer's at a time.
 * Tensors that the network does not have (auxiliary heads) are skipped.
 * @param tensors each in a buffer of its own, which is of no use afterwards
 * @returns tensors by name, for `forward`; of most only the id is left, on which the packed
 *   operator hangs
 */
export async function packWeights(
  runtime: TfjsRuntime,
  network: Network,
  tensors: AsyncIterable<readonly [string, Tensor]>,
): Promise<ReadonlyMap<string, Tfjs.Tensor>> {
  const parameters = network.layers.flatMap((layer) =>
    layerParameters(layer).map(({ name, shape }) => ({ name, shape, layer })),
  );
  const floats = parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  reserveHeap(runtime.wasm, floats * 4 + WORKING_BYTES);

  const layers = new Map(parameters.map(({ name, layer }) => [name, layer]));
  const arrived = new Map<string, Tensor>();
  const packed = new Map<string, Tfjs.Tensor>();
  for await (const [name, tensor] of tensors) {
    const layer = layers.get(name);
    if (!layer) continue;
    arrived.set(name, tensor);
    const own = layerParameters(layer);
    if (!own.every((parameter) => arrived.has(parameter.name))) continue;
    for (const { name, shape } of own) {
      const { data } = tensorOf(arrived, name, 'F32', shape);
      packed.set(name, runtime.tf.keep(runtime.tf.tensor(data, [...shape])));
    }
    pack(runtime, layer, packed, arrived);
    for (const { name } of own) {
      release(arrived.get(name)!);
      arrived.delete(name);
    }
  }
  const missing = parameters.find(({ name }) => !packed.has(name) && !arrived.has(name));
  if (missing) throw new HebbError('invalid_package', `There are no weights ${missing.name}.`);
  return packed;
}

/** Gives memory back at once: 28 MB of garbage would count against the isolate until they are collected. */
function release({ data: { buffer } }: Tensor): void {
  if (!buffer.detached) buffer.transfer(0);
}

/** Runs the layer on the smallest input it takes: a packed operator serves every size. */
function pack(
  runtime: TfjsRuntime,
  layer: Layer,
  weights: ReadonlyMap<string, Tfjs.Tensor>,
  raw: ReadonlyMap<string, Tensor>,
): void {
  const { tf, wasm } = runtime;
  const run = (shape: readonly number[]) =>
    tf.tidy(() => {
      const patch = tf.zeros([...shape]);
      compute(tf, layer, patch, [patch], weights);
    });
  const kernel = `${layer.name}/kernel`;
  if (layer.kind === 'linear') {
    run([1, ...layer.inputShape]);
    freeTensor(runtime, weights.get(kernel)!); // the bias is added by an op that does read it
    return;
  }
  const values = raw.get(kernel)!.data as Float32Array;
  const copy = copyOf(wasm, values, layer.shape[2]);
  run([1, 1, 1, layer.inputShape[2]]);
  freeCopy(wasm, copy);
  freeTensor(runtime, weights.get(kernel)!);
  const bias = weights.get(`${layer.name}/bias`); // none where batch norm was not folded
  if (bias) freeTensor(runtime, bias);
}
