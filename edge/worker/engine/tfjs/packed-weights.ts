/**
 * Keeps the weights in the tfjs wasm backend's heap once instead of three times.
 *
 * XNNPACK computes convolutions and matrix products there. At an operator's first run it packs kernel
 * and bias into its own layout and caches the operator under the tensors' ids. From then on it reads
 * neither the tensor nor the transposed copy that tfjs makes. Yet all three stay
 * (src/cc/conv2d_impl.cc: `CachedInfo`): 28 MB of weights fill 84 MB of a heap that never shrinks, in
 * an isolate of 128 MB. So each layer is run once on a patch of zeros as soon as its weights arrive,
 * and the other two copies are freed.
 * @module
 */

import { HebbError } from '@hebb/model/errors';
import type { Network } from '@hebb/model/network/googlenet';
import type { Layer } from '@hebb/model/network/layer';
import { layerParameters } from '@hebb/model/network/parameters';
import { type Tensor, tensorOf } from '@hebb/model/package/safetensors';
import { compute } from '@hebb/model/reference/compute';
import type * as Tfjs from '@tensorflow/tfjs-core';
import type { TfjsRuntime } from './boot.ts';
import { copyOf, freeCopy, freeTensor, reserveHeap } from './heap.ts';
import { WORKING_BYTES } from './memory.ts';

/**
 * Uploads and packs the network's weights in the order of arrival, one layer at a time. Tensors of
 * other layers (auxiliary heads) are skipped.
 * @param tensors each in a buffer of its own, which is detached
 * @returns tensors by name, for `forward`; most are only the id under which the packed operator is cached
 * @throws `invalid_package` when a tensor is missing or has another shape
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
  if (missing) throw new HebbError('invalid_package', `The weights ${missing.name} are missing.`);
  return packed;
}

/** Frees memory at once: 28 MB of garbage would count against the isolate until collected. */
function release({ data: { buffer } }: Tensor): void {
  if (!buffer.detached) buffer.transfer(0);
}

/** Runs the layer on its smallest input; the packed operator then serves every size. */
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
    freeTensor(runtime, weights.get(kernel)!); // the bias stays: another op adds it
    return;
  }
  const values = raw.get(kernel)!.data as Float32Array;
  const copy = copyOf(wasm, values, layer.shape[2]);
  run([1, 1, 1, layer.inputShape[2]]);
  freeCopy(wasm, copy);
  freeTensor(runtime, weights.get(kernel)!);
  const bias = weights.get(`${layer.name}/bias`); // absent if batch norm was not folded
  if (bias) freeTensor(runtime, bias);
}
