import { type Tensor, type Tensors, tensorOf } from '../package/safetensors.ts';
import { googlenet, type Network } from './googlenet.ts';
import type { Layer } from './layer.ts';
import { BATCH_NORM_EPSILON, layerParameters } from './parameters.ts';

/**
 * Folds batch norm into kernels and biases (for inference the two are one affine map):
 * kernel' = kernel · gamma / √(variance + ε), bias' = beta − mean · gamma / √(variance + ε).
 * A network without batch norm is returned unchanged, except for its auxiliary heads, which are removed.
 */
export function foldBatchNorm(network: Network, weights: Tensors) {
  const folded = googlenet({ ...network.spec, folded: true });
  const names = new Set(folded.layers.map((layer) => layer.name));
  const tensors = new Map<string, Tensor>();
  for (const layer of network.layers) {
    if (!names.has(layer.name)) continue;
    for (const [name, tensor] of foldLayer(layer, weights)) tensors.set(name, tensor);
  }
  return { network: folded, weights: tensors as Tensors };
}

type F32 = Float32Array;

function foldLayer(layer: Layer, weights: Tensors): [string, Tensor][] {
  const own = layerParameters(layer).map(
    ({ name, shape }) => [name, tensorOf(weights, name, 'F32', shape)] as [string, Tensor<'F32'>],
  );
  if (layer.kind !== 'conv' || !layer.batchNorm) return own;
  const [kernel, ...vectors] = own.map(([, tensor]) => tensor) as [
    Tensor<'F32'>,
    ...Tensor<'F32'>[],
  ];
  const [gamma, beta, mean, variance] = vectors.map(({ data }) => data) as [F32, F32, F32, F32];
  const factor = gamma.map((g, c) => g / Math.sqrt(variance[c]! + BATCH_NORM_EPSILON));
  const channels = factor.length;
  const foldedKernel = kernel.data.map((w, i) => w * factor[i % channels]!);
  const bias = beta.map((b, c) => b - mean[c]! * factor[c]!);
  return [
    [`${layer.name}/kernel`, { dtype: 'F32', shape: kernel.shape, data: foldedKernel }],
    [`${layer.name}/bias`, { dtype: 'F32', shape: [channels], data: bias }],
  ];
}
