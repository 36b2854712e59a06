/**
 * From pixels to what the network reads, inside the graph.
 * @module
 */
import {
  layerParameters,
  type Network,
  type ParameterSpec,
  type Preprocessing,
  type Tensors,
  tensorOf,
} from '../../shared/model/index.ts';
import type { GraphBuilder, Value } from './graph-builder.ts';
import { cast, sub } from './ops.ts';

/**
 * Moves scale and channel order of `preprocessing` into the first convolution's kernel, so that the
 * graph only subtracts the mean from RGB pixels: W · (s · (v − m)) is (W · s) · (v − m), and the
 * zeros around the image stay zeros. It also keeps bfloat16 exact: a byte less a whole mean has
 * eight significant bits. Returns the weights with that one kernel replaced.
 */
export function foldScale(
  network: Network,
  weights: Tensors,
  { scale, channelOrder }: Pick<Preprocessing, 'scale' | 'channelOrder'>,
): Tensors {
  const first = network.layers.find((layer) => layer.kind === 'conv')!;
  const [{ name, shape }] = layerParameters(first) as [ParameterSpec];
  const kernel = tensorOf(weights, name, 'F32', shape);
  const [outputs, channels] = [kernel.shape[3]!, 3];
  const data = Float32Array.from(kernel.data, (_, i) => {
    const output = i % outputs;
    const colour = Math.floor(i / outputs) % channels; // red, green, blue of the new kernel
    const tap = Math.floor(i / (outputs * channels));
    const channel = channelOrder === 'rgb' ? colour : 2 - colour;
    return kernel.data[(tap * channels + channel) * outputs + output]! * scale[colour]!;
  });
  return new Map(weights).set(name, { ...kernel, data });
}

/** The node of `centredPixels`; normalised images are fed in its place. */
export const CENTRED_PIXELS = 'pixels/centred';

/** uint8 RGB [n, s, s, 3] to float32, less the mean colour. */
export function centredPixels(
  g: GraphBuilder,
  pixels: Value,
  { mean }: Pick<Preprocessing, 'mean'>,
): Value {
  const colour = g.constant('pixels/mean', 'float32', [3], Float32Array.from(mean));
  return sub(g, CENTRED_PIXELS, cast(g, 'pixels/float', pixels, 'float32'), colour);
}

/**
 * From what `normalise` gives (float32 NHWC, scaled, in the network's channel order) back to RGB
 * pixels less the mean: what `centredPixels` gives, since the scale is in the kernel.
 */
export function centredFromNormalised(
  input: Float32Array,
  { scale, channelOrder }: Pick<Preprocessing, 'scale' | 'channelOrder'>,
): Float32Array {
  const red = channelOrder === 'rgb' ? 0 : 2;
  const [r, g, b] = scale;
  const out = new Float32Array(input.length);
  for (let i = 0; i < input.length; i += 3) {
    out[i] = input[i + red]! / r;
    out[i + 1] = input[i + 1]! / g;
    out[i + 2] = input[i + 2 - red]! / b;
  }
  return out;
}
