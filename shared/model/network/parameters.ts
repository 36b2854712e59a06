import type { Layer } from './layer.ts';

/** Name and shape of one tensor of weights. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** False for batch norm's running mean and variance, which have no gradient. */
  readonly trainable: boolean;
}

/** The tensors of weights that a layer has, in a fixed order. Empty for layers without weights. */
export function layerParameters(layer: Layer): readonly ParameterSpec[] {
  const tensor = (name: string, shape: readonly number[], trainable = true): ParameterSpec => ({
    name: `${layer.name}/${name}`,
    shape,
    trainable,
  });
  if (layer.kind === 'conv') {
    const out = layer.shape[2];
    const kernel = tensor('kernel', [layer.size, layer.size, layer.inputShape[2], out]);
    if (!layer.batchNorm) return [kernel, tensor('bias', [out])];
    return [
      kernel,
      tensor('gamma', [out]),
      tensor('beta', [out]),
      tensor('mean', [out], false),
      tensor('variance', [out], false),
    ];
  }
  if (layer.kind === 'linear') {
    const [h, w, c] = layer.inputShape;
    return [tensor('kernel', [h * w * c, layer.shape[2]]), tensor('bias', [layer.shape[2]])];
  }
  return [];
}

/** Added to the variance before the square root; torchvision's GoogLeNet uses the same. */
export const BATCH_NORM_EPSILON = 1e-3;
