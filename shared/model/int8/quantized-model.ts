/**
 * The int8 network: weights per output channel in −127..127, activations per tensor in 0..127.
 *
 * Tensors of `weights.int8.safetensors`:
 * - `<layer>/kernel` I8 [out, height, width, in] (linear: [out, in])
 * - `<layer>/bias` I32 [out], in units of input scale · weight scale
 * - `<layer>/scale` F32 [out], weight scale: real weight = scale · kernel
 * - `<layer>/activation_scale` F32 [1], for layers whose output has its own scale:
 *   real activation = activation_scale · u7. F32 [out] where LRN reads it: a scale for each channel, which LRN
 *   can undo
 * - `input/zero_point` U8 [3], the u7 value that stands for 0 after normalisation, per colour
 *
 * conv1 holds the preprocessing (channel order, mean, scale): its input is RGB, pixel >> 1.
 * @module
 */
import { HebbError } from '../errors.ts';
import { googlenet, type Network, type NetworkSpec } from '../network/googlenet.ts';
import type { ConvLayer, LinearLayer } from '../network/layer.ts';
import { type Tensors, tensorOf } from '../package/safetensors.ts';
import { type LrnConstants, REQUANTIZE_LIMIT, WEIGHT_MAX } from './arithmetic.ts';
import { activationScales, scaleOwner } from './scales.ts';

/** Weights of one convolution or linear layer. */
export interface QuantizedWeights {
  /** int8 [out, height, width, in], or [out, in]. */
  readonly kernel: Int8Array;
  /** int32 [out]. */
  readonly bias: Int32Array;
  /** float32 [out]: accumulator → u7 (convolution) or → logit (linear). */
  readonly multiplier: Float32Array;
}

export interface QuantizedModel {
  readonly network: Network;
  /** u7 value of 0 after normalisation, for red, green, blue: conv1's padding. */
  readonly zeroPoint: Uint8Array;
  readonly weights: ReadonlyMap<string, QuantizedWeights>;
  readonly lrn: ReadonlyMap<string, LrnConstants>;
  /** float32: sum over all pixels → u7. */
  readonly averagePoolMultiplier: number;
}

/**
 * Reads the int8 network from its tensors. Throws `invalid_package` if a tensor is missing, has
 * a wrong shape, or contains numbers for which the arithmetic would not be exact.
 */
export function readQuantizedModel(spec: NetworkSpec, tensors: Tensors): QuantizedModel {
  const network = googlenet({ ...spec, folded: true });
  const factors = new Map<string, Float32Array>();
  const scales = activationScales(network, (layer) => {
    const [scale, factor] = readScale(layer, tensors, network);
    if (factor) factors.set(layer, factor);
    return scale;
  });
  const weights = new Map<string, QuantizedWeights>();
  const lrn = new Map<string, LrnConstants>();
  let averagePoolMultiplier = 0;
  for (const layer of network.layers) {
    const inputScale = scales.get(layer.inputs[0] ?? '') ?? 1;
    const outputScale = scales.get(layer.name) ?? 1; // 1: logits are real numbers
    if (layer.kind === 'conv' || layer.kind === 'linear') {
      const ratio = inputScale / outputScale;
      weights.set(layer.name, readWeights(layer, tensors, ratio, factors.get(layer.name)));
    } else if (layer.kind === 'lrn') {
      if (layer.beta !== 0.75 || layer.size !== 5) throw invalid('only LRN of 5 and 0.75 is known');
      const read = factors.get(scaleOwner(network, layer));
      if (!((127 * inputScale) / outputScale < REQUANTIZE_LIMIT)) {
        throw invalid(`${layer.name} is out of range`);
      }
      lrn.set(layer.name, {
        factors: read ?? new Float32Array(layer.shape[2]).fill(1),
        squareScale: Math.fround((layer.alpha / layer.size) * inputScale ** 2),
        bias: Math.fround(layer.bias),
        multiplier: Math.fround(inputScale / outputScale),
      });
    } else if (layer.kind === 'globalAveragePool') {
      const [h, w] = layer.inputShape;
      averagePoolMultiplier = Math.fround(inputScale / outputScale / (h * w));
    }
  }
  const zeroPoint = tensorOf(tensors, 'input/zero_point', 'U8', [3]).data;
  if (zeroPoint.some((z) => z > 127)) throw invalid('input/zero_point is above 127');
  return { network, zeroPoint, weights, lrn, averagePoolMultiplier };
}

/** The largest scale of a layer's channels, and what the others are of it if they have scales of their own. */
function readScale(
  name: string,
  tensors: Tensors,
  network: Network,
): [scale: number, factors?: Float32Array] {
  const own = `${name}/activation_scale`;
  const isReadByLrn = network.layers.some(
    (layer) => layer.kind === 'lrn' && scaleOwner(network, layer) === name,
  );
  const layer = network.layers.find((l) => l.name === name)!;
  const single = !isReadByLrn || tensorOf(tensors, own, 'F32').data.length === 1;
  const { data } = tensorOf(tensors, own, 'F32', [single ? 1 : layer.shape[2]]);
  for (const scale of data) {
    // Quotients and squares of such scales are finite in float32 too.
    if (!(scale > 1e-12 && scale < 1e12)) throw invalid(`${own} is ${scale}`);
  }
  const scale = data.reduce((a, b) => Math.max(a, b));
  return single ? [scale] : [scale, data.map((s) => s / scale)];
}

function readWeights(
  layer: ConvLayer | LinearLayer,
  tensors: Tensors,
  ratio: number,
  factors: Float32Array | undefined,
) {
  const out = layer.shape[2];
  const [h, w, c] = layer.inputShape;
  const shape = layer.kind === 'conv' ? [out, layer.size, layer.size, c] : [out, h * w * c];
  const kernel = tensorOf(tensors, `${layer.name}/kernel`, 'I8', shape).data;
  const bias = tensorOf(tensors, `${layer.name}/bias`, 'I32', [out]).data;
  const scale = tensorOf(tensors, `${layer.name}/scale`, 'F32', [out]).data;
  const multiplier = scale.map((s, o) => (s * ratio) / (factors?.[o] ?? 1));
  checkRange(layer, kernel, bias, multiplier);
  return { kernel, bias, multiplier };
}

/**
 * Accumulators must fit int32 and, requantised, the range in which rounding is exact; logits must be
 * finite for every image. A weight of −128 would make Winograd's transforms overflow int16.
 */
function checkRange(
  layer: ConvLayer | LinearLayer,
  kernel: Int8Array,
  bias: Int32Array,
  m: Float32Array,
): void {
  const size = kernel.length / bias.length;
  const limit = layer.kind === 'conv' ? REQUANTIZE_LIMIT : 3e38; // of float32's 3.4e38
  for (let out = 0; out < bias.length; out++) {
    let weights = 0;
    for (let i = out * size; i < (out + 1) * size; i++) {
      const weight = Math.abs(kernel[i]!);
      weights += weight > WEIGHT_MAX ? Infinity : weight;
    }
    const largest = Math.abs(bias[out]!) + 127 * weights;
    if (largest >= 2 ** 31 || !(largest * Math.abs(m[out]!) < limit)) {
      throw invalid(`${layer.name}, output channel ${out}: its accumulator is out of range`);
    }
  }
}

const invalid = (why: string) => new HebbError('invalid_package', `int8 weights: ${why}.`);
