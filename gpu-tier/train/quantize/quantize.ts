/**
 * Post-training quantisation: float32 weights and a calibration → the tensors of the int8 network (layout:
 * shared/model/int8/quantized-model.ts).
 * @module
 */
import {
  ACTIVATION_MAX,
  activationScales,
  type ConvLayer,
  firstConvRows,
  INPUT_SCALE,
  type LinearLayer,
  type Network,
  type Preprocessing,
  type Tensor,
  type Tensors,
  tensorOf,
} from '@hebb/model';
import type { Calibration } from './calibrate.ts';
import type { ActivationHistogram } from './histogram.ts';
import { quantizeRows, toRows } from './weights.ts';

/** Rule for the clipping value of each activation. */
export type ScaleRule =
  | { readonly rule: 'percentile'; readonly percent: number }
  | { readonly rule: 'mse' };

export interface QuantizeOptions {
  readonly scales: ScaleRule;
  /**
   * Correct each bias for the change of the layer's mean output by the rounding of its weights (Nagel et
   * al. 2019, "Data-Free Quantization", section 4.2).
   */
  readonly biasCorrection: boolean;
  /** Replaces `scales` and the choice of the weights' scales. */
  readonly trained?: TrainedScales;
}

/** What a training for int8 has chosen. */
export interface TrainedScales {
  /** The largest activation that 7 bits represent, by layer. */
  readonly clips: ReadonlyMap<string, number>;
  /** Scale of each output channel's weights, float32 [out], by layer. The weights are multiples of it. */
  readonly weights: ReadonlyMap<string, Float32Array>;
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
  calibration: Calibration,
  options: QuantizeOptions,
): Tensors {
  const tensors = new Map<string, Tensor>();
  const scales = activationScales(network, (name) => {
    const clip =
      options.trained?.clips.get(name) ?? clipOf(calibration.histograms.get(name)!, options.scales);
    // A dead layer is always 0: any scale works.
    const scale = Math.fround(clip > 0 ? clip / ACTIVATION_MAX : 1);
    tensors.set(`${name}/activation_scale`, {
      dtype: 'F32',
      shape: [1],
      data: Float32Array.of(scale),
    });
    return scale;
  });
  for (const layer of network.layers) {
    if (layer.kind !== 'conv' && layer.kind !== 'linear') continue;
    const context = { layer, weights, preprocessing, calibration, scales, options };
    for (const [name, tensor] of quantizeLayer(context))
      tensors.set(`${layer.name}/${name}`, tensor);
  }
  const zeroPoint = preprocessing.mean.map((mean) =>
    Math.max(0, Math.min(ACTIVATION_MAX, Math.round((mean - PIXEL_OFFSET) / INPUT_SCALE))),
  );
  tensors.set('input/zero_point', { dtype: 'U8', shape: [3], data: Uint8Array.from(zeroPoint) });
  return tensors;
}

function clipOf(histogram: ActivationHistogram, scales: ScaleRule): number {
  if (scales.rule === 'mse') return histogram.clipOfLeastError(ACTIVATION_MAX);
  return histogram.percentile(scales.percent);
}

interface LayerContext {
  readonly layer: ConvLayer | LinearLayer;
  readonly weights: Tensors;
  readonly preprocessing: Preprocessing;
  readonly calibration: Calibration;
  readonly scales: ReadonlyMap<string, number>;
  readonly options: QuantizeOptions;
}

function quantizeLayer(context: LayerContext): [string, Tensor][] {
  const { layer, preprocessing, calibration, scales, options } = context;
  const out = layer.shape[2];
  const channels = layer.inputShape[2];
  const isFirst = layer.inputs[0] === 'input';
  const float = tensorOf(context.weights, `${layer.name}/kernel`, 'F32');
  const bias = tensorOf(context.weights, `${layer.name}/bias`, 'F32', [out]).data;
  const rows = toRows(float.data, out);
  if (isFirst) foldPreprocessing(rows, preprocessing);
  const arrange = isFirst ? firstConvRows : undefined;
  const steps = options.trained?.weights.get(layer.name);
  const { rows: kernel, scale } = quantizeRows(rows, out, arrange, steps);

  // conv1 reads pixels v = 2q + 1/2 minus the mean; other layers read s · q.
  const offset = preprocessing.mean.map((mean) => (isFirst ? PIXEL_OFFSET - mean : 0));
  const means = isFirst
    ? rgbMeans(calibration.channelMeans.get('input')!, preprocessing)
    : calibration.channelMeans.get(layer.inputs[0]!)!;
  const inputScale = scales.get(layer.inputs[0]!)!;
  const depth = rows.length / out;
  const corrected = bias.map((b, o) => {
    let real = b;
    for (let i = o * depth; i < (o + 1) * depth; i++) {
      const c = i % channels;
      const quantized = kernel[i]! * scale[o]!;
      if (isFirst) real += quantized * offset[c]!;
      if (options.biasCorrection) real += (rows[i]! - quantized) * means[c]!;
    }
    return real;
  });
  const integers = Int32Array.from(corrected, (b, o) => Math.round(b / (inputScale * scale[o]!)));
  const shape = layer.kind === 'conv' ? [out, layer.size, layer.size, channels] : [out, depth];
  return [
    ['kernel', { dtype: 'I8', shape, data: kernel }],
    ['bias', { dtype: 'I32', shape: [out], data: integers }],
    ['scale', { dtype: 'F32', shape: [out], data: scale }],
  ];
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

/** Means of the normalised input in the network's channel order → means of (pixel − mean) in RGB. */
function rgbMeans(means: Float64Array, { channelOrder, scale }: Preprocessing): Float64Array {
  const rgb = channelOrder === 'rgb' ? means : means.toReversed();
  return rgb.map((mean, c) => mean / scale[c]!);
}
