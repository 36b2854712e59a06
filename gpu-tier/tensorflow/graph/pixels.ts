/**
 * Normalises pixels inside the graph.
 * @module
 */
import {
  layerParameters,
  type Network,
  type ParameterSpec,
  type Preprocessing,
  type Tensors,
  tensorOf,
} from '@hebb/model';
import type { GraphBuilder, Value } from './graph-builder.ts';
import { cast, sub } from './ops.ts';

/**
 * Folds scale and channel order of `preprocessing` into the kernel of the first convolution, so that the graph
 * only subtracts the mean from RGB pixels: W · (s · (v − m)) = (W · s) · (v − m), and zero padding stays zero.
 * This also keeps bfloat16 exact, since a byte minus an integer mean has eight significant bits. Returns the
 * weights with that kernel replaced.
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

/** The node of `centredPixels`; normalised images are fed to it directly. */
export const CENTRED_PIXELS = 'pixels/centred';

/** Converts uint8 RGB [n, s, s, 3] to float32 and subtracts the mean colour. */
export function centredPixels(
  g: GraphBuilder,
  pixels: Value,
  { mean }: Pick<Preprocessing, 'mean'>,
): Value {
  const colour = g.constant('pixels/mean', 'float32', [3], Float32Array.from(mean));
  return sub(g, CENTRED_PIXELS, cast(g, 'pixels/float', pixels, 'float32'), colour);
}

/**
 * Converts the result of `normalise` (float32 NHWC, scaled, in the network's channel order) to that of
 * `centredPixels`: RGB pixels minus the mean, not scaled, since the scale is in the kernel.
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
