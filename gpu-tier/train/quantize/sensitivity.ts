import {
  type ConvLayer,
  type LinearLayer,
  type Network,
  type Tensors,
  tensorOf,
} from '@hebb/model';

/** The share of a convolution's outputs that the ReLU passes on. */
export type ActiveShare = (layer: string, channel: number) => number;

/**
 * How much the squared error of the logits grows with the squared error of each channel of a layer's output:
 * squares of weights, multiplied back through the network as gradients are, as if all errors were independent.
 * LRN and pooling scale all channels alike, so they are left out: only the channels of one tensor are compared.
 * @returns [channels] by layer
 */
export function sensitivities(
  { layers }: Network,
  weights: Tensors,
  activeShare: ActiveShare,
): Map<string, Float64Array> {
  const result = new Map(layers.map(({ name, shape }) => [name, new Float64Array(shape[2])]));
  for (const layer of layers.toReversed()) {
    const own = result.get(layer.name)!;
    const inputs = layer.inputs.map((name) => result.get(name)!);
    const [input] = inputs;
    if (layer.kind === 'softmax' || layer.kind === 'sigmoid' || !input) continue;
    if (layer.kind === 'linear' || layer.kind === 'conv') {
      if (layer.kind === 'linear') own.fill(1);
      const before = beforeRelu(layer, own, activeShare);
      const { data } = tensorOf(weights, `${layer.name}/kernel`, 'F32'); // [taps, in, out]
      for (let i = 0; i < data.length; i++) {
        const c = Math.floor(i / own.length) % input.length;
        input[c]! += data[i]! ** 2 * before[i % own.length]!;
      }
    } else if (layer.kind === 'concat') {
      let first = 0;
      for (const part of inputs) {
        for (let c = 0; c < part.length; c++) part[c]! += own[first + c]!;
        first += part.length;
      }
    } else {
      for (let c = 0; c < own.length; c++) input[c]! += own[c]!;
    }
  }
  return result;
}

/** The ReLU passes an error on where it is active. */
export const beforeRelu = (
  layer: ConvLayer | LinearLayer,
  own: Float64Array,
  activeShare: ActiveShare,
): Float64Array =>
  layer.kind === 'linear' ? own : own.map((s, channel) => s * activeShare(layer.name, channel));
