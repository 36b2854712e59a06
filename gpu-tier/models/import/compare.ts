import type { ConvLayer, Layer, LrnLayer, MaxPoolLayer } from '@hebb/model/network/layer';
import { tensorShape } from '../onnx/tensor.ts';
import {
  type Found,
  type FoundConv,
  type FoundLinear,
  type FoundLrn,
  type FoundPool,
  linearShape,
  type Pair,
} from './found.ts';
import { describeFound, describeLayer } from './words.ts';

/** `expected …, found …` if `found` does not compute what `layer` computes; undefined if it does. */
export function compareLayer(layer: Layer, found: Found): string | undefined {
  if (fits(layer, found)) return undefined;
  return `expected ${describeLayer(layer)}, found ${describeFound(found)}`;
}

function fits(layer: Layer, found: Found): boolean {
  switch (layer.kind) {
    case 'conv':
      return found.kind === 'conv' && fitsConv(layer, found);
    case 'maxPool':
      return found.kind === 'maxPool' && fitsMaxPool(layer, found);
    case 'lrn':
      return found.kind === 'lrn' && fitsLrn(layer, found);
    case 'globalAveragePool': {
      if (found.kind === 'globalAveragePool') return true;
      const [height, width] = layer.inputShape;
      const whole = found.kind === 'averagePool' && same(found.size, [height, width]);
      return whole && found.pads.every((pad) => pad === 0);
    }
    case 'linear':
      return found.kind === 'linear' && fitsLinear(layer, found);
    default:
      return found.kind === layer.kind;
  }
}

function fitsConv(layer: ConvLayer, found: FoundConv): boolean {
  const { size, stride, pad } = layer;
  const [out, channels, height, width] = tensorShape(found.weight);
  return (
    out === layer.shape[2] &&
    channels === layer.inputShape[2] &&
    same([height!, width!], [size, size]) &&
    same(found.size, [size, size]) &&
    same(found.stride, [stride, stride]) &&
    same(found.dilation, [1, 1]) &&
    found.pads.every((p) => p === pad) &&
    found.groups === 1 &&
    found.relu
  );
}

/**
 * Padding does not affect a maximum, so only the start and the number of the windows matter: padding at the
 * end (0,0,2,2 in the Model Zoo) and rounding up (torchvision's ceil_mode) are equivalent.
 */
function fitsMaxPool(layer: MaxPoolLayer, found: FoundPool): boolean {
  const { size, stride, pad } = layer;
  const [top, left, bottom, right] = found.pads;
  const outputs = (axis: 0 | 1, before: number, after: number): number => {
    const slack = layer.inputShape[axis] + before + after - size;
    if (!found.ceil) return Math.floor(slack / stride) + 1;
    const out = Math.ceil(slack / stride) + 1;
    return (out - 1) * stride >= layer.inputShape[axis] + before ? out - 1 : out;
  };
  return (
    same(found.size, [size, size]) &&
    same(found.stride, [stride, stride]) &&
    same(found.dilation, [1, 1]) &&
    same([top, left], [pad, pad]) &&
    same([outputs(0, top, bottom), outputs(1, left, right)], [layer.shape[0], layer.shape[1]])
  );
}

function fitsLrn(layer: LrnLayer, found: FoundLrn): boolean {
  const near = (a: number, b: number) => Math.abs(a - b) <= 1e-6 * Math.abs(b);
  const { size, alpha, beta, bias } = found;
  return (
    size === layer.size &&
    near(alpha, layer.alpha) &&
    near(beta, layer.beta) &&
    near(bias, layer.bias)
  );
}

function fitsLinear(layer: Layer, found: FoundLinear): boolean {
  const [inputs, outputs] = linearShape(found);
  const [h, w, c] = layer.inputShape;
  return inputs === h * w * c && outputs === layer.shape[2] && !found.relu;
}

const same = (a: Pair, b: Pair): boolean => a[0] === b[0] && a[1] === b[1];
