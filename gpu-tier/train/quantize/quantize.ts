/**
 * Post-training quantisation: float32 weights and activation scales → the tensors of the int8 network (layout:
 * shared/model/int8/quantized-model.ts).
 * @module
 */
import {
  ACTIVATION_MAX,
  activationScales,
  type ConvLayer,
  INPUT_SCALE,
  type LinearLayer,
  type Network,
  type Preprocessing,
  type Tensor,
  type Tensors,
  tensorOf,
} from '@hebb/model';
import { type QuantizedRows, toRows } from './weights.ts';

/** What `quantize` rounds with. */
export interface QuantizeOptions {
  /** Real value of one step of each layer with an activation scale of its own; see `activationScales`. */
  readonly activationScale: (layer: string) => number;
  /** What the steps of single channels are of it, [channels], for layers that LRN reads. */
  readonly channelFactors?: ReadonlyMap<string, Float64Array>;
  /** The rounded weights of a layer. */
  readonly rowsOf: (layer: ConvLayer | LinearLayer) => QuantizedRows;
  /** Real number that is added to the bias of each output channel. */
  readonly biasShift?: ReadonlyMap<string, Float64Array>;
}

/** Pixel values are halved by v >> 1, which removes half a level on average. */
const PIXEL_OFFSET = 0.5;

/**
 * Quantises weights and activations.
 * @param network without batch norm (see `foldBatchNorm`) and without auxiliary heads
 */
export function quantize(
  network: Network,
  weights: Tensors,
  preprocessing: Preprocessing,
  options: QuantizeOptions,
): Tensors {
  const tensors = new Map<string, Tensor>();
  const scales = activationScales(network, (name) => {
    const scale = Math.fround(options.activationScale(name));
    const factors = options.channelFactors?.get(name) ?? [1];
    const data = Float32Array.from(factors, (factor) => scale * factor);
    tensors.set(`${name}/activation_scale`, { dtype: 'F32', shape: [data.length], data });
    return scale;
  });
  for (const layer of network.layers) {
    if (layer.kind !== 'conv' && layer.kind !== 'linear') continue;
    const context = { layer, weights, preprocessing, scales, options };
    for (const [name, tensor] of quantizeLayer(context))
      tensors.set(`${layer.name}/${name}`, tensor);
  }
  const zeroPoint = preprocessing.mean.map((mean) =>
    Math.max(0, Math.min(ACTIVATION_MAX, Math.round((mean - PIXEL_OFFSET) / INPUT_SCALE))),
  );
  tensors.set('input/zero_point', { dtype: 'U8', shape: [3], data: Uint8Array.from(zeroPoint) });
  return tensors;
}

interface LayerContext {
  readonly layer: ConvLayer | LinearLayer;
  readonly weights: Tensors;
  readonly preprocessing: Preprocessing;
  readonly scales: ReadonlyMap<string, number>;
  readonly options: QuantizeOptions;
}

function quantizeLayer(context: LayerContext): [string, Tensor][] {
  const { layer, preprocessing, scales, options } = context;
  const out = layer.shape[2];
  const channels = layer.inputShape[2];
  const isFirst = layer.inputs[0] === 'input';
  const bias = tensorOf(context.weights, `${layer.name}/bias`, 'F32', [out]).data;
  const { rows: kernel, scale } = options.rowsOf(layer);

  // conv1 reads pixels v = 2q + 1/2 minus the mean; other layers read s · q.
  const offset = preprocessing.mean.map((mean) => (isFirst ? PIXEL_OFFSET - mean : 0));
  const shift = options.biasShift?.get(layer.name);
  const inputScale = scales.get(layer.inputs[0]!)!;
  const depth = kernel.length / out;
  const integers = Int32Array.from(bias, (b, o) => {
    let real = b + (shift?.[o] ?? 0);
    if (isFirst) {
      for (let i = o * depth; i < (o + 1) * depth; i++) {
        real += kernel[i]! * scale[o]! * offset[i % channels]!;
      }
    }
    return Math.round(real / (inputScale * scale[o]!));
  });
  const shape = layer.kind === 'conv' ? [out, layer.size, layer.size, channels] : [out, depth];
  return [
    ['kernel', { dtype: 'I8', shape, data: kernel }],
    ['bias', { dtype: 'I32', shape: [out], data: integers }],
    ['scale', { dtype: 'F32', shape: [out], data: scale }],
  ];
}

/** A layer's weights as the int8 network reads them: float32 [out][depth]; conv1's for RGB pixels. */
export function realRows(
  layer: ConvLayer | LinearLayer,
  weights: Tensors,
  preprocessing: Preprocessing,
): Float32Array {
  const rows = toRows(tensorOf(weights, `${layer.name}/kernel`, 'F32').data, layer.shape[2]);
  if (layer.inputs[0] === 'input') foldPreprocessing(rows, preprocessing);
  return rows;
}

/** conv1 reads raw RGB: folds channel order and scale into its rows [out, 7, 7, 3]. */
export function foldPreprocessing(
  rows: Float32Array,
  { channelOrder, scale }: Preprocessing,
): void {
  for (let i = 0; i < rows.length; i += 3) {
    const [a, b, c] = [rows[i]!, rows[i + 1]!, rows[i + 2]!];
    const rgb = channelOrder === 'rgb' ? [a, b, c] : [c, b, a];
    for (let j = 0; j < 3; j++) rows[i + j] = rgb[j]! * scale[j]!;
  }
}
