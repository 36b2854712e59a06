/**
 * The int8 network as plain loops: slow, obvious, and the definition of the kernels' results.
 * @module
 */
import type {
  ConcatLayer,
  ConvLayer,
  GlobalAveragePoolLayer,
  LinearLayer,
  LrnLayer,
  MaxPoolLayer,
} from '../network/layer.ts';
import { localResponseNormalize, requantize, sigmoid, softmax } from './arithmetic.ts';
import type { QuantizedModel } from './quantized-model.ts';

/** u7 activations [height, width, channels] of one image. */
type Activations = Uint8Array;

export interface ReferenceResult {
  /** u7 activations of every layer up to the linear one, by name. */
  readonly activations: ReadonlyMap<string, Activations>;
  /** float32 [classes]. */
  readonly logits: Float32Array;
  /** float32 [classes]. */
  readonly probabilities: Float32Array;
}

/** Runs the network on uint8 RGB pixels [inputSize, inputSize, 3]. */
export function runReference(model: QuantizedModel, pixels: Uint8Array): ReferenceResult {
  const activations = new Map<string, Activations>();
  let logits = new Float32Array();
  let probabilities = new Float32Array();
  for (const layer of model.network.layers) {
    const inputs = layer.inputs.map((name) => activations.get(name)!);
    const input = inputs[0]!;
    const set = (output: Activations) => activations.set(layer.name, output);
    switch (layer.kind) {
      case 'input':
        set(pixels.map((v) => v >> 1));
        break;
      case 'conv':
        set(conv(model, layer, input));
        break;
      case 'maxPool':
        set(maxPool(layer, input));
        break;
      case 'lrn':
        set(lrn(model, layer, input));
        break;
      case 'concat':
        set(concat(layer, inputs));
        break;
      case 'dropout':
        set(input);
        break;
      case 'globalAveragePool':
        set(globalAveragePool(model, layer, input));
        break;
      case 'linear':
        logits = linear(model, layer, input);
        break;
      case 'softmax':
        probabilities = new Float32Array(softmax(logits));
        break;
      case 'sigmoid':
        probabilities = logits.map(sigmoid);
        break;
      default:
        throw new Error(`No int8 arithmetic for ${layer.kind}.`);
    }
  }
  return { activations, logits, probabilities };
}

function conv(model: QuantizedModel, layer: ConvLayer, input: Activations): Activations {
  const { kernel, bias, multiplier } = model.weights.get(layer.name)!;
  const [height, width, channels] = layer.inputShape;
  const [outHeight, outWidth, out] = layer.shape;
  const { size, stride, pad } = layer;
  const isFirst = layer.inputs[0] === 'input';
  const output = new Uint8Array(outHeight * outWidth * out);
  for (let oy = 0, at = 0; oy < outHeight; oy++) {
    for (let ox = 0; ox < outWidth; ox++) {
      for (let o = 0; o < out; o++, at++) {
        let sum = bias[o]!;
        for (let ky = 0, k = o * size * size * channels; ky < size; ky++) {
          for (let kx = 0; kx < size; kx++) {
            const [y, x] = [oy * stride - pad + ky, ox * stride - pad + kx];
            const inside = y >= 0 && y < height && x >= 0 && x < width;
            const from = (y * width + x) * channels;
            for (let c = 0; c < channels; c++, k++) {
              const padding = isFirst ? model.zeroPoint[c]! : 0;
              sum += (inside ? input[from + c]! : padding) * kernel[k]!;
            }
          }
        }
        output[at] = requantize(sum, multiplier[o]!);
      }
    }
  }
  return output;
}

function maxPool(layer: MaxPoolLayer, input: Activations): Activations {
  const [height, width, channels] = layer.inputShape;
  const [outHeight, outWidth] = layer.shape;
  const output = new Uint8Array(outHeight * outWidth * channels);
  for (let oy = 0, at = 0; oy < outHeight; oy++) {
    for (let ox = 0; ox < outWidth; ox++) {
      for (let c = 0; c < channels; c++, at++) {
        for (let ky = 0; ky < layer.size; ky++) {
          for (let kx = 0; kx < layer.size; kx++) {
            const y = oy * layer.stride - layer.pad + ky;
            const x = ox * layer.stride - layer.pad + kx;
            if (y < 0 || y >= height || x < 0 || x >= width) continue;
            output[at] = Math.max(output[at]!, input[(y * width + x) * channels + c]!);
          }
        }
      }
    }
  }
  return output;
}

function lrn(model: QuantizedModel, layer: LrnLayer, input: Activations): Activations {
  const channels = layer.shape[2];
  const constants = model.lrn.get(layer.name)!;
  const real = Float32Array.from(input, (q, i) => q * constants.factors[i % channels]!);
  return input.map((_, i) => {
    const c = i % channels;
    const square = (d: number) =>
      c + d < 0 || c + d >= channels ? 0 : Math.fround(real[i + d]! * real[i + d]!);
    const squares = [square(-2), square(-1), square(0), square(1), square(2)] as const;
    return localResponseNormalize(real[i]!, squares, constants);
  });
}

function concat(layer: ConcatLayer, inputs: readonly Activations[]): Activations {
  const [height, width, channels] = layer.shape;
  const pixels = height * width;
  const output = new Uint8Array(pixels * channels);
  let offset = 0;
  for (const input of inputs) {
    const own = input.length / pixels;
    for (let p = 0; p < pixels; p++) {
      output.set(input.subarray(p * own, (p + 1) * own), p * channels + offset);
    }
    offset += own;
  }
  return output;
}

function globalAveragePool(
  model: QuantizedModel,
  layer: GlobalAveragePoolLayer,
  input: Activations,
): Activations {
  const channels = layer.shape[2];
  const sums = new Int32Array(channels);
  for (let i = 0; i < input.length; i++) sums[i % channels]! += input[i]!;
  return Uint8Array.from(sums, (sum) => requantize(sum, model.averagePoolMultiplier));
}

function linear(
  model: QuantizedModel,
  layer: LinearLayer,
  input: Activations,
): Float32Array<ArrayBuffer> {
  const { kernel, bias, multiplier } = model.weights.get(layer.name)!;
  const logits = new Float32Array(bias.length);
  for (let o = 0; o < logits.length; o++) {
    let sum = bias[o]!;
    for (let c = 0; c < input.length; c++) sum += kernel[o * input.length + c]! * input[c]!;
    logits[o] = Math.fround(sum) * multiplier[o]!;
  }
  return logits;
}
